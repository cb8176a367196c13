/** Puts the whole state of this thread into one message: tasks, resources, counts, and what the stall half adds. */
import type { BlockingCall, Frame, Resource, Snapshot, Stall } from '../../protocol/agent.ts';
import type { LoopStats } from '../../protocol/counts.ts';
import type { Growth } from '../../protocol/growth.ts';
import type { EndedTask } from '../../protocol/tasks.ts';
import { PROTOCOL_VERSION } from '../../protocol/agent.ts';
import type { DeadAwait } from '../../protocol/dead-awaits.ts';
import { awaitRows } from './await-rows.ts';
import { busyMs } from '../names/busy.ts';
import { addCallLines, seenCalls } from '../promises/call-lines.ts';
import { deadAwaits } from '../promises/dead-awaits.ts';
import { stallStacks } from '../carriers/events.ts';
import { listenerGrowth } from '../growth/listener-growth.ts';
import { guarded } from '../faults.ts';
import { groupBranches, type Describe } from './groups.ts';
import { markHeld } from '../stops/held.ts';
import { endedTasks, type Ended } from './history.ts';
import { memberFacts, nameKind, type FrameIndex } from './members.ts';
import { addOriginals } from '../stacks/originals.ts';
import { retireAwaits } from '../late/adopt.ts';
import { isFromBefore } from '../late/numbers.ts';
import { awaitGraph } from '../owners/owners.ts';
import { newsAfter, SMALL, walkPending, type Walk } from './pending-walk.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { proveAwaits } from '../promises/proved-awaits.ts';
import { position, refreshClock } from '../promises/promises.ts';
import { isInterval, isRef, isStandardStream, threadOf } from '../resources/resource-facts.ts';
import { jobWorkers } from '../libraries/job-workers.ts';
import { knownResources } from '../resources/resources.ts';
import { reactionGrowth } from '../growth/reaction-growth.ts';
import { unhandledRejections } from '../growth/rejections.ts';
import { runningTask, type RunningTask } from '../stops/running-task.ts';
import { siteAt } from '../stacks/sites.ts';
import { complete, each, guardedSteps, type Steps } from './slices.ts';
import { newTimerGrowth } from '../growth/timer-growth.ts';
import { timerOverflows } from '../growth/warnings.ts';
import { taskFacts } from '../names/task-facts.ts';
import { threadPool } from '../pool/thread-pool.ts';
import { awaitForest } from './tree.ts';
import { linkListeners } from '../waits/listeners.ts';
import { linkWebStreams } from '../waits/web-streams.ts';

/** What the stall half knows. */
export interface StallState {
  loop: LoopStats;
  stalls: Stall[];
  blockingCalls: BlockingCall[];
  faults: string[];
}

const MAX_RESOURCES = 1000;

/** Requests on their way (Node 20 to 26); the others are done and only not collected yet. */
function activeRequests(): Set<object> {
  const { _getActiveRequests: read } = process as unknown as { _getActiveRequests?: () => object[] };
  return new Set(read?.() ?? []);
}

interface Living {
  list: Resource[];
  dropped: number;
  /** Of worker threads, whether or not they keep the process alive. */
  threads: number[];
  growth: (Growth & { sites: readonly number[] })[];
}

/** Timers nobody waits for and that keep nothing alive (Node's own, mostly) are left out. */
function* resources(promises: readonly PromiseRecord[], frameIndex: FrameIndex, nowMs: number): Steps<Living> {
  const list: Resource[] = [];
  const timers = newTimerGrowth(promises);
  let dropped = 0;
  const threads: number[] = [];
  const requests = activeRequests();
  yield* each(knownResources().slice(), (record) => {
    const target = record.live(requests);
    if (target === undefined) return;
    if (record.type === 'Timeout') timers.add(record, isInterval(target));
    if (record.type === 'WORKER') threads.push(...threadOf(target));
    record.isAwaited = false;
    const ref = isRef(target);
    if (!ref || isStandardStream(target)) return;
    if (list.length >= MAX_RESOURCES) {
      dropped++;
      return;
    }
    list.push({
      id: record.id,
      type: record.type,
      facts: record.facts(target),
      ageMs: Math.max(0, nowMs - record.atMs),
      ...(isFromBefore(record.atMs) ? { fromBefore: true } : {}),
      ref,
      frames: record.sites.map(frameIndex).filter((index) => index !== undefined),
    });
  });
  return {
    list,
    dropped,
    threads,
    growth: [...timers.result(MANY), ...listenerGrowth(MANY), ...reactionGrowth(MANY_REACTIONS)],
  };
}

/** So many of one line are worth telling. */
const MANY = 50;
const MANY_REACTIONS = 1000;

/** What a snapshot says when it is complete. */
export type TakeState = () => StallState;

/** `slices`: the program may run in between. `now`: in one go, and the task that runs is one of them. `exit`: in one go, and none runs any more. */
type Moment = 'slices' | 'now' | 'exit';

/**
 * The state of this moment, or of the time it takes when the program runs in between. Awaits that are new since the last snapshot cost 5 to 20 us each, for
 * at most `probeMs`; the others about 2 us. To be run {@link masked}.
 */
export function* snapshotSteps(takeState: TakeState, probeMs: number, moment: Moment): Steps<Snapshot> {
  retireAwaits();
  const walk = yield* walkPending(moment === 'exit');
  const inOneGo = moment !== 'slices' || walk.count <= SMALL;
  const rest = stateOf(walk, takeState, probeMs, inOneGo && moment !== 'exit' ? runningTask() : undefined);
  return inOneGo ? complete(rest) : yield* rest;
}

function describeEnded(task: Ended, frameIndex: FrameIndex): EndedTask {
  const { id, site, label, startMs, endMs, resumptions, call, inferred } = task;
  const frame = frameIndex(site);
  const busy = busyMs(call);
  return {
    id,
    ...(label === undefined ? {} : { name: label }),
    ...(frame === undefined ? {} : { frame }),
    startMs,
    durationMs: Math.max(0, Math.round(endMs - startMs)),
    resumptions,
    ...(busy === undefined ? {} : { busyMs: Math.round(busy) }),
    ...(inferred ? { confidence: 'inferred' } : {}),
  };
}

function* stateOf(walk: Walk, takeState: TakeState, probeMs: number, running?: RunningTask): Steps<Snapshot> {
  yield* guardedSteps('web streams', linkWebStreams());
  const graph = yield* awaitGraph(walk, probeMs, running);
  yield* guardedSteps('listeners', linkListeners(graph));
  const news = newsAfter(walk.untilSeq);
  const forest = yield* awaitForest(graph, () => graph.catchUp(news()));
  const nowMs = refreshClock();
  const frames: Frame[] = [];
  const indices = new Map<number, number>();
  const frameIndex = (site: number): number | undefined => {
    const { frame } = siteAt(site);
    if (frame === undefined) return undefined;
    let index = indices.get(site);
    if (index === undefined) {
      index = frames.push(frame) - 1;
      indices.set(site, index);
    }
    return index;
  };
  const facts = yield* taskFacts(graph, walk.records);
  const describe: Describe = {
    members: (members) => memberFacts(members, facts, frameIndex),
    kind: (branch) => nameKind(branch, facts),
    isNamed: (wait) => facts.hasLabels && facts.labelOf(wait) !== undefined,
  };
  const { tasks, leftOut } = yield* groupBranches(forest, graph, frameIndex, describe, nowMs);
  markHeld(tasks);
  addCallLines(tasks, frames, frameIndex);
  const ended = endedTasks().map((task) => describeEnded(task, frameIndex));
  const rows = awaitRows(frameIndex);
  const workers = jobWorkers();
  const calls = seenCalls(frameIndex);
  const live = yield* resources(walk.records, frameIndex, nowMs);
  const pool = yield* threadPool(walk.records, frameIndex);
  const dropped = forest.dropped + walk.leftOut;
  unprobed = graph.isIncomplete;
  pending = forest.plainCount + (yield* countTasks(forest.others));
  peak = Math.max(peak, pending);
  const state = takeState();
  const rejections = unhandledRejections();
  addOriginals([
    frames,
    ...rejections.flatMap(({ stack, origins = [] }) => [stack, ...origins.map((origin) => origin.stack)]),
    ...state.stalls.flatMap(stallStacks),
    ...state.blockingCalls.map(({ stack }) => stack),
  ]);
  guarded('proofs of awaits', () => proveAwaits(graph.awaits, walk, nowMs), undefined);
  return {
    version: PROTOCOL_VERSION,
    atMs: nowMs,
    frames,
    tasks,
    resources: live.list,
    counts: {
      pendingTasks: pending,
      peakPendingTasks: peak,
      pendingPromises: walk.count,
      promisesCreated: position().seq,
      droppedEvents: dropped,
      ...(leftOut.groups === 0 ? {} : { groupsLeftOut: leftOut.groups, tasksLeftOut: leftOut.tasks }),
      ...(live.dropped === 0 ? {} : { resourcesLeftOut: live.dropped }),
    },
    ...state,
    ...(pool === undefined ? {} : { threadPool: pool }),
    ...(rejections.length === 0 ? {} : { rejections }),
    ...growthOf(live.growth, frameIndex),
    ...deadOnes(graph.awaits, frameIndex),
    ...(ended.length === 0 ? {} : { ended }),
    ...(rows.length === 0 ? {} : { awaitRows: rows }),
    ...(calls.length === 0 ? {} : { calls }),
    ...(workers.length === 0 ? {} : { jobWorkers: workers }),
    ...(live.threads.length === 0 ? {} : { threads: live.threads }),
  };
}

/** The optional parts about leaks; nothing in a healthy program. */
function growthOf(found: Living['growth'], frameIndex: FrameIndex): Pick<Snapshot, 'growth' | 'timerOverflows'> {
  const framesOf = (sites: readonly number[]): number[] => sites.map(frameIndex).filter((index) => index !== undefined);
  const growth = found.map(({ sites, ...rest }) => ({ ...rest, frames: framesOf(sites) }));
  const overflows = [...timerOverflows()].map(({ sites, ...rest }) => ({ ...rest, frames: framesOf(sites) }));
  return {
    ...(growth.length === 0 ? {} : { growth }),
    ...(overflows.length === 0 ? {} : { timerOverflows: overflows }),
  };
}

function deadOnes(awaits: readonly PromiseRecord[], frameIndex: FrameIndex): { deadAwaits?: DeadAwait[] } {
  const framesOf = (sites: readonly number[]): number[] => sites.map(frameIndex).filter((index) => index !== undefined);
  const dead = deadAwaits(awaits).map(({ sites, count, abandoned, behind }) => ({
    frames: framesOf(sites),
    count,
    ...(abandoned ? { abandoned } : {}),
    ...(behind.length === 0 ? {} : { behind: behind.map(framesOf) }),
  }));
  return dead.length === 0 ? {} : { deadAwaits: dead };
}

function* countTasks(awaits: readonly PromiseRecord[]): Steps<number> {
  let count = 0;
  yield* each(awaits, (record) => {
    const site = record.chain?.[0];
    if ((record.isPending || record.owner?.isPending === true) && (site === undefined || !siteAt(site).isNodes))
      count++;
  });
  return count;
}

let unprobed = false;

/** Whether the last snapshot had no time to find out where some of the tasks wait. */
export function isIncomplete(): boolean {
  return unprobed;
}

/** Suspended async functions of the program at the last snapshot, and the most of all snapshots. */
let pending = 0;
let peak = 0;

/** Suspended async functions of the program at the last snapshot. */
export function pendingTasks(): number {
  return pending;
}

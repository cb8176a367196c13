/** Puts the whole state of this thread into one message: tasks, resources, counts, and what the stall half adds. */
import type { BlockingCall, Frame, Resource, Snapshot, Stall } from '../protocol/agent.ts';
import type { LoopStats } from '../protocol/counts.ts';
import type { EndedTask } from '../protocol/tasks.ts';
import { PROTOCOL_VERSION } from '../protocol/agent.ts';
import { probeChains } from './await-chains.ts';
import { busyMs } from './busy.ts';
import { guarded } from './faults.ts';
import { groupBranches, type Describe } from './groups.ts';
import { endedTasks, type Ended } from './history.ts';
import { memberFacts, nameKind, type FrameIndex } from './members.ts';
import { markHeld } from './held.ts';
import { addOriginals } from './originals.ts';
import { awaitGraph } from './owners.ts';
import { masked } from './probe.ts';
import { pendingRecords, position, refreshClock } from './promises.ts';
import { isOneShot, isRef, isStandardStream } from './resource-facts.ts';
import { liveResources } from './resources.ts';
import { runningTask } from './running-task.ts';
import { siteAt } from './sites.ts';
import { taskFacts } from './task-facts.ts';
import { awaitForest } from './tree.ts';
import { linkListeners } from './waits/listeners.ts';

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

/** Timers nobody waits for and that keep nothing alive (Node's own, mostly) are left out. */
function resources(
  frameIndex: (site: number) => number | undefined,
  nowMs: number,
): { list: Resource[]; dropped: number } {
  const list: Resource[] = [];
  let dropped = 0;
  const requests = activeRequests();
  for (const record of liveResources()) {
    const target = record.target.deref();
    if (target === undefined) continue;
    if (isOneShot(record.type) && record.type !== 'Immediate' && !requests.has(target)) continue;
    const ref = isRef(target);
    if (!ref || isStandardStream(target)) continue;
    if (list.length >= MAX_RESOURCES) {
      dropped++;
      continue;
    }
    list.push({
      id: record.id,
      type: record.type,
      facts: record.facts(target),
      ageMs: Math.max(0, nowMs - record.atMs),
      ref,
      frames: record.sites.map(frameIndex).filter((index) => index !== undefined),
    });
  }
  return { list, dropped };
}

/** Node's own functions, such as its module loader, are no tasks of the program. */
function isNodes(site: number | undefined): boolean {
  return site !== undefined && siteAt(site).frame?.file.startsWith('node:') === true;
}

function describeEnded(task: Ended, frameIndex: FrameIndex): EndedTask {
  const { id, site, label, startMs, endMs, resumptions, call } = task;
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
  };
}

/** The state of this moment. Awaits that are new since the last snapshot cost 5 to 20 us each, for at most `probeMs`; the others about 2 us. */
export function takeSnapshot(state: StallState, probeMs: number, atExit: boolean): Snapshot {
  return masked(() => {
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
    const records = pendingRecords();
    const graph = awaitGraph(records, probeMs, atExit ? undefined : runningTask());
    backlog = graph.dropped > 0;
    guarded('listeners', () => linkListeners(graph), undefined);
    const forest = awaitForest(graph);
    const facts = taskFacts(graph, records);
    const describe: Describe = {
      members: (members) => memberFacts(members, facts, frameIndex),
      kind: (branch) => nameKind(branch, facts),
    };
    const tasks = groupBranches(forest.roots, frameIndex, describe, nowMs);
    markHeld(tasks);
    const ended = endedTasks().map((task) => describeEnded(task, frameIndex));
    const live = resources(frameIndex, nowMs);
    pending = graph.awaits.filter(({ chain }) => !isNodes(chain?.[0])).length;
    peak = Math.max(peak, pending);
    addOriginals([frames, ...[...state.stalls, ...state.blockingCalls].map(({ stack }) => stack)]);
    return {
      version: PROTOCOL_VERSION,
      atMs: nowMs,
      frames,
      tasks,
      resources: live.list,
      counts: {
        pendingTasks: pending,
        peakPendingTasks: peak,
        pendingPromises: records.length,
        promisesCreated: position().seq,
        droppedEvents: forest.dropped + live.dropped,
      },
      ...state,
      ...(ended.length === 0 ? {} : { ended }),
    };
  });
}

/** Suspended async functions of the program at the last snapshot, and the most of all snapshots. */
let pending = 0;
let peak = 0;

/** Suspended async functions of the program at the last snapshot. */
export function pendingTasks(): number {
  return pending;
}

let backlog = false;

/** Goes on with the probes that the last snapshot had no time for; `limitMs` bounds it. Cheap when there are none. */
export function workOffBacklog(limitMs: number): void {
  if (backlog) masked(() => (backlog = probeChains(pendingRecords(), limitMs) > 0));
}

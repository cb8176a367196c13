/** The report of one program, format version 1. */
import type { Resource, Snapshot } from '../../protocol/agent.ts';
import type {
  Finding,
  KeepAlive,
  Report,
  ReportBlockingCall,
  ReportEndedTask,
  ReportStall,
  ReportTask,
} from '../../protocol/report.ts';
import { REPORT_VERSION } from '../../protocol/report.ts';
import type { BlockingGroup } from '../stalls/blocking-groups.ts';
import { groupCalls } from '../stalls/blocking-groups.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, finalWait, walkChains } from '../chains.ts';
import { circleOf, isClosed } from '../cycles.ts';
import { holdersOf, indexHolders, type TaskIndex } from '../locks/lock-holders.ts';
import { reportEffects } from '../stalls/effects.ts';
import { reportProfile } from '../stalls/hot-functions.ts';
import { endedTasks, type Ended } from '../ended.ts';
import { ownersOf } from '../owners.ts';
import { framesOf, placeOf } from '../place.ts';
import type { Program } from '../program.ts';
import { keptAliveBy } from '../program.ts';
import type { Sources } from '../sources.ts';
import { startPlace } from '../task-names.ts';
import { groupStalls } from '../stalls/stall-groups.ts';
import { what } from '../tree/tree-resources.ts';
import { reportPool } from './report-pool.ts';
import { pendingOf, taskName } from '../tree/tree-tasks.ts';
import { waitDetail } from '../wording/wording.ts';

/** What only the caller knows. */
export interface ReportContext {
  toolVersion: string;
  /** Life of the process in milliseconds; without it the time of the last state. */
  durationMs?: number;
  /** Start of the process in milliseconds since the epoch, in case the program never said. */
  startTime?: number;
  /** The command line, in case the program never said. */
  argv?: readonly string[];
  cwd?: string;
  pid?: number;
}

/** Never fails: what is not known is zero or absent. */
export function buildReport(
  program: Program,
  findings: readonly Finding[],
  sources: Sources,
  context: ReportContext,
): Report {
  const { hello, snapshot, exit } = program;
  const chains = snapshot === undefined ? [] : chainsOf(snapshot, sources);
  const holders = indexHolders(chains);
  const ended = endedTasks(program, sources);
  const ids = knownIds(chains, ended);
  const { pendingTasks = 0, peakPendingTasks = 0, promisesCreated = 0 } = snapshot?.counts ?? {};
  const { droppedEvents: dropped = 0, tasksLeftOut = 0, resourcesLeftOut = 0 } = snapshot?.counts ?? {};
  const droppedEvents = dropped + tasksLeftOut + resourcesLeftOut;
  const { utilization = 0, notStarted, delayMs = { p50: 0, p99: 0, max: 0 } } = snapshot?.loop ?? {};
  return {
    version: REPORT_VERSION,
    tool: { name: 'async-lens', version: context.toolVersion },
    process: {
      pid: hello?.pid ?? context.pid ?? 0,
      ...(hello === undefined || hello.threadId === 0 ? {} : { threadId: hello.threadId }),
      node: hello?.node ?? '',
      argv: hello?.argv ?? [...(context.argv ?? [])],
      cwd: hello?.cwd ?? context.cwd ?? '',
      exitCode: exit?.code ?? null,
      signal: exit?.signal ?? null,
      startTime: new Date(hello?.startTime ?? context.startTime ?? 0).toISOString(),
      durationMs: context.durationMs ?? snapshot?.atMs ?? 0,
    },
    loop: {
      utilization,
      ...(notStarted === undefined ? {} : { notStarted }),
      delayMs: { p50: delayMs.p50, p99: delayMs.p99, max: delayMs.max },
    },
    counts: { pendingTasks, peakPendingTasks, promisesCreated, droppedEvents },
    tasks: chains.map((chain) => reportTask(chain, snapshot, sources, [], holders, ids)),
    ...(ended.length === 0 ? {} : { ended: ended.map(reportEnded) }),
    stalls: reportStalls(program, sources),
    blockingCalls: groupCalls(snapshot?.blockingCalls ?? [], sources).map(reportBlockingCall),
    keepAlive: snapshot === undefined ? [] : keepAlive(keptAliveBy(program), snapshot, chains, sources),
    ...reportPool(snapshot, sources, ids),
    findings: [...findings],
  };
}

function reportTask(
  task: ChainTask,
  snapshot: Snapshot | undefined,
  sources: Sources,
  ancestors: readonly ChainTask[],
  holders: TaskIndex,
  ids: ReadonlyMap<number, string>,
): ReportTask {
  const { node, place } = task;
  const { creators = [], resumptions, busyMs } = node;
  const spawnedBy = creators.length === 1 && creators[0] !== undefined ? ids.get(creators[0].id) : undefined;
  const startedAt = snapshot && startPlace(node, snapshot, sources)?.location;
  const path = [...ancestors, task];
  const waitingOn = waitOf(task, path, snapshot, sources, holders);
  return {
    id: `t${node.id}`,
    name: taskName(task),
    state: node.state ?? 'waiting',
    count: node.count,
    ageMs: node.oldestMs,
    ...(node.fromBefore === true ? { fromBefore: true } : {}),
    ...(place?.location === undefined ? {} : { location: place.location }),
    ...(waitingOn === undefined ? {} : { waitingOn }),
    ...(spawnedBy === undefined ? {} : { spawnedBy }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(resumptions === undefined ? {} : { resumptions }),
    ...(busyMs === undefined ? {} : { busyMs }),
    children: task.children.map((child) => reportTask(child, snapshot, sources, path, holders, ids)),
  };
}

/** What the report calls each task: one that was folded into another has the other's id. */
function knownIds(chains: readonly ChainTask[], ended: readonly Ended[]): Map<number, string> {
  const ids = new Map(ended.map(({ task: { id } }) => [id, `t${id}`]));
  walkChains(chains, ({ covers, node }) => covers.forEach((id) => ids.set(id, `t${node.id}`)));
  return ids;
}

function reportEnded({ task, name, place, outcome }: Ended): ReportEndedTask {
  const { id, startMs, durationMs, resumptions, busyMs, confidence } = task;
  return {
    id: `t${id}`,
    name,
    ...(outcome === undefined ? {} : { outcome: outcome.state }),
    ...(outcome?.error === undefined ? {} : { error: outcome.error }),
    startMs,
    durationMs,
    resumptions,
    ...(busyMs === undefined ? {} : { busyMs }),
    ...(place?.location === undefined ? {} : { location: place.location }),
    ...(confidence === undefined ? {} : { confidence }),
  };
}

function waitOf(
  task: ChainTask,
  path: readonly ChainTask[],
  snapshot: Snapshot | undefined,
  sources: Sources,
  index: TaskIndex,
): ReportTask['waitingOn'] {
  const { cycle, node } = task;
  if (cycle !== undefined) {
    const target = path.find(({ covers }) => covers.includes(cycle));
    const name = target === undefined ? `task ${cycle}` : taskName(target);
    return {
      kind: 'promise',
      detail: `${name} again${isClosed(circleOf(path)) ? ': deadlock' : ''}`,
      confidence: node.confidence,
    };
  }
  if (node.kind === 'combinator') {
    return { kind: 'promise', detail: `${taskName(task)}, ${pendingOf(task)}`, confidence: node.confidence };
  }
  const wait = finalWait(task);
  if (wait === undefined) return undefined;
  const holders = holdersOf(wait, index).map((holder) => `t${holder.task.node.id}`);
  const resource = snapshot?.resources.find(({ id }) => id === wait.resource);
  const made = snapshot === undefined || resource === undefined ? [] : framesOf(resource.frames, snapshot);
  const location = placeOf(made, sources)?.location;
  return {
    kind: wait.facts.kind,
    detail: waitDetail(wait.facts),
    confidence: wait.confidence,
    ...(location === undefined ? {} : { location }),
    ...(holders.length === 0 ? {} : { holders }),
  };
}

function reportStalls(program: Program, sources: Sources): ReportStall[] {
  return groupStalls(program.stalls, sources).map((group) => {
    const { worst, place, stack, count, totalMs } = group;
    return {
      startMs: worst.startMs,
      durationMs: worst.durationMs,
      kind: worst.kind,
      ...(worst.api === undefined ? {} : { api: worst.api }),
      ...(worst.detail === undefined ? {} : { detail: worst.detail }),
      ...(worst.toldAfterMs === undefined ? {} : { toldAfterMs: worst.toldAfterMs }),
      ...(worst.overloaded === undefined ? {} : { overloaded: worst.overloaded }),
      ...(place?.location === undefined ? {} : { location: place.location }),
      stack,
      confidence: worst.confidence,
      count,
      totalMs,
      ...reportProfile(group, sources),
      ...reportEffects(worst, sources),
    };
  });
}

function reportBlockingCall(calls: BlockingGroup): ReportBlockingCall {
  const { api, detail, place, count, startupCount, totalMs, maxMs } = calls;
  const location = place?.location;
  const asked = detail === undefined ? {} : { detail };
  return {
    api,
    ...asked,
    ...(location === undefined ? {} : { location }),
    count: count + startupCount,
    totalMs,
    maxMs,
  };
}

function keepAlive(
  resources: readonly Resource[],
  snapshot: Snapshot,
  chains: readonly ChainTask[],
  sources: Sources,
): KeepAlive[] {
  const owners = ownersOf(resources, snapshot, chains);
  return resources.map((resource) => {
    const task = owners.get(resource.id);
    const location = placeOf(framesOf(resource.frames, snapshot), sources)?.location ?? task?.place?.location;
    return {
      kind: resource.facts.kind,
      detail: what(resource),
      ...(location === undefined ? {} : { location }),
      ...(task === undefined ? {} : { task: `t${task.node.id}` }),
    };
  });
}

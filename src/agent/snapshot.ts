/** Puts the whole state of this thread into one message: tasks, resources, counts, and what the stall half adds. */
import type { BlockingCall, Frame, LoopStats, Resource, Snapshot, Stall } from '../protocol/agent.ts';
import { PROTOCOL_VERSION } from '../protocol/agent.ts';
import { groupBranches } from './groups.ts';
import { awaitGraph } from './owners.ts';
import { masked } from './probe.ts';
import { openPromises, pendingRecords, promiseCounts, refreshClock } from './promises.ts';
import { describeResource, isRef } from './resource-facts.ts';
import { liveResources } from './resources.ts';
import { siteAt } from './sites.ts';
import { awaitForest } from './tree.ts';

/** What the stall half knows. */
export interface StallState {
  loop: LoopStats;
  stalls: Stall[];
  blockingCalls: BlockingCall[];
  faults: string[];
}

const MAX_RESOURCES = 1000;
/** Types that can keep a process alive; other requests only accompany these. */
const KEEPS_ALIVE =
  /^(?:Timeout|Immediate|TCP|PIPE|TTY|UDP|PROCESSWRAP|WORKER|MESSAGEPORT|FS|GETADDRINFO|QUERYWRAP|STATWATCHER)/;

/** Timers nobody waits for and that keep nothing alive (Node's own, mostly) are left out. */
function resources(
  frameIndex: (site: number) => number | undefined,
  nowMs: number,
): { list: Resource[]; dropped: number } {
  const list: Resource[] = [];
  let dropped = 0;
  for (const record of liveResources()) {
    const target = record.target.deref();
    if (target === undefined || !KEEPS_ALIVE.test(record.type)) continue;
    const ref = isRef(target);
    if (!ref) continue;
    if (list.length >= MAX_RESOURCES) {
      dropped++;
      continue;
    }
    list.push({
      id: record.id,
      type: record.type,
      facts: describeResource(record.type, target, record.sites),
      ageMs: Math.max(0, nowMs - record.atMs),
      ref,
      frames: record.sites.map(frameIndex).filter((index) => index !== undefined),
    });
  }
  return { list, dropped };
}

/** The state of this moment. Costs 5 to 20 us for each await that is new since the last snapshot, less than 1 us for the others. */
export function takeSnapshot(state: StallState): Snapshot {
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
    const graph = awaitGraph(pendingRecords());
    const forest = awaitForest(graph);
    const tasks = groupBranches(forest.roots, frameIndex, nowMs);
    const live = resources(frameIndex, nowMs);
    openPromises();
    const { created, pending, peak } = promiseCounts();
    return {
      version: PROTOCOL_VERSION,
      atMs: nowMs,
      frames,
      tasks,
      resources: live.list,
      counts: {
        pendingTasks: graph.awaits.length,
        peakPendingTasks: Math.max(peak, graph.awaits.length),
        pendingPromises: pending,
        promisesCreated: created,
        droppedEvents: forest.dropped + live.dropped,
      },
      ...state,
    };
  });
}

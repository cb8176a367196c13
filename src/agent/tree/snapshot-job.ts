/** Takes snapshots a slice at a time, so that the program runs in between, and does in idle polls what the last one had no time for. */
import { performance } from 'node:perf_hooks';
import type { Snapshot, UnfinishedSnapshot } from '../../protocol/agent.ts';
import { probeChains } from '../walks/await-chains.ts';
import { walkPending } from './pending-walk.ts';
import { canProbe, masked } from '../walks/probe.ts';
import { endWalk, goOnWalking } from '../promises/promise-list.ts';
import { refreshClock } from '../promises/promises.ts';
import { advance, complete, type Steps } from './slices.ts';
import { isIncomplete, snapshotSteps, type TakeState } from './snapshot.ts';

/** The snapshot under way. */
let job: Steps<Snapshot> | undefined;
/** The probes that the last one left, if any are `wanted`. */
let backlog: Steps<void> | undefined;

/** 1e5 new awaits take 0.5 s. Milliseconds of work, not of waiting. */
const SLICED_PROBE_MS = 2000;

let wanted = false;

function giveUp(): void {
  job = undefined;
  backlog = undefined;
  endWalk();
}

function finished(snapshot: Snapshot): Snapshot {
  wanted = isIncomplete();
  return snapshot;
}

/** The state of this very moment; new awaits are looked at for at most `probeMs`, the rest takes about 2 us for each task. */
export function snapshotAtOnce(takeState: TakeState, probeMs: number, atExit: boolean): Snapshot {
  giveUp();
  try {
    return masked(() => finished(complete(snapshotSteps(takeState, probeMs, atExit ? 'exit' : 'now'))));
  } finally {
    endWalk();
  }
}

let lastLoop = performance.eventLoopUtilization();
let ownMs = 0;

/** Since the last slice; the time of the slices themselves does not count. */
function wasIdle(startMs: number): boolean {
  const loop = performance.eventLoopUtilization();
  const activeMs = loop.active - lastLoop.active - ownMs;
  const idleMs = loop.idle - lastLoop.idle;
  lastLoop = loop;
  ownMs = performance.now() - startMs;
  return activeMs < idleMs;
}

/** For so many slices in a row a snapshot waits until no reaction of the program runs: inside one there are no probes. */
const MAX_POSTPONED = 5;
let postponed = 0;

/** Begins a snapshot, or goes on with the one under way, for about `budgetMs`. */
export function snapshotSlice(takeState: TakeState, budgetMs: number): Snapshot | UnfinishedSnapshot {
  const start = performance.now();
  const deadline = start + budgetMs;
  if (!canProbe() && postponed < MAX_POSTPONED) {
    postponed++;
    return { done: false, idle: false };
  }
  postponed = 0;
  if (job !== undefined && !goOnWalking(refreshClock())) giveUp();
  return masked(() => {
    if (job === undefined) {
      giveUp();
      job = snapshotSteps(takeState, SLICED_PROBE_MS, 'slices');
    }
    let result: IteratorResult<unknown, Snapshot> | undefined;
    try {
      result = advance(job, deadline);
    } finally {
      if (result?.done !== false) giveUp();
    }
    return result.done === true ? finished(result.value) : { done: false, idle: wasIdle(start) };
  });
}

function* probeRest(): Steps<void> {
  const { records } = yield* walkPending();
  endWalk();
  yield* probeChains(records, Infinity);
}

/** Whether a snapshot is under way, or has left work for polls. */
export const isWorkLeft = (): boolean => job !== undefined || wanted;

/** Goes on with the probes that the last snapshot had no time for; next to nothing when there are none. */
export function workOffBacklog(limitMs: number): void {
  if (job !== undefined || !wanted || !canProbe()) return;
  const deadline = performance.now() + limitMs;
  masked(() => {
    backlog ??= probeRest();
    if (advance(backlog, deadline).done !== true) return;
    backlog = undefined;
    wanted = false;
  });
}

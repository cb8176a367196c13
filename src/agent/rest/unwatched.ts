/** A thread at which nobody looks is left alone, too, while it has nothing to do: a timer of ours sees that, for no watcher does. */
import { executionAsyncId } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import { guarded } from '../faults.ts';
import { lookAtPool } from '../pool/thread-pool.ts';
import { addFirstDelay } from '../stalls/delays.ts';
import { lookUnwatched } from '../stalls/unwatched-look.ts';
import { endUnknownRest, restsSince, restUnknown } from './rest.ts';

/** The originals: tests replace them by fake ones, also in that module, which warn of a timer that is not theirs. */
const { setTimeout, clearTimeout } = timers;

/** Between two looks: 40 us each. Milliseconds. */
const LOOK_MS = 500;
/** For so long it must have had next to nothing to do; less after a rest that was worth it. Milliseconds. */
const IDLE_MS = 2000;
const IDLE_AGAIN_MS = 400;
const WORTH_MS = 1000;
/** Of the time between two looks. */
const BUSY_SHARE = 0.05;

let loop = performance.eventLoopUtilization();
let idleFromMs = performance.now();
let neededMs = IDLE_MS;
/** When the last rest began, until its end was noticed. Milliseconds. */
let restedFromMs: number | undefined;
let timer: NodeJS.Timeout | undefined;
let isWatched = false;

/** In the callback of a timer of ours that keeps nothing alive. */
export function lookIfIdle(): void {
  if (isWatched) return;
  lookUnwatched();
  const nowMs = performance.now();
  const now = performance.eventLoopUtilization();
  const { utilization } = performance.eventLoopUtilization(now, loop);
  loop = now;
  // Not all code is heard of when it begins: what a debugger evaluates, for example.
  if (restsSince() !== undefined && utilization > BUSY_SHARE) endUnknownRest();
  if (restsSince() !== undefined) return;
  addFirstDelay();
  if (restedFromMs !== undefined) neededMs = nowMs - restedFromMs < WORTH_MS ? IDLE_MS : IDLE_AGAIN_MS;
  if (restedFromMs !== undefined || utilization > BUSY_SHARE) idleFromMs = nowMs;
  restedFromMs = undefined;
  if (nowMs - idleFromMs < neededMs) return;
  // What a snapshot has found there may be long over.
  lookAtPool();
  restUnknown(executionAsyncId());
  loop = performance.eventLoopUtilization();
  restedFromMs = restsSince();
}

/** Call it before anything is recorded: the timer is nobody's business then, and it is used again and again. */
export function startLooking(): void {
  timer = setTimeout(() => {
    timer?.refresh();
    guarded('rest', lookIfIdle, undefined);
  }, LOOK_MS).unref();
}

/** From now on somebody asks, and sees it, too: nothing of ours runs beside the program. */
export function watched(): void {
  if (isWatched) return;
  isWatched = true;
  clearTimeout(timer);
  endUnknownRest();
}

/** A program that has nothing to do is left alone: it is not polled, the delay monitors stand still, and it tells when its next callback begins. */
import { performance } from 'node:perf_hooks';
import type { Awake } from '../../protocol/polls.ts';
import { guarded } from '../faults.ts';
import { sampleBusy } from '../names/busy.ts';
import { isPoolInUse } from '../pool/thread-pool.ts';
import { lookAtStirring } from '../promises/looks.ts';
import { resumeDelays, suspendDelays } from '../stalls/delays.ts';
import { watchGarbageAnew, watchGarbageNoMore } from '../stalls/garbage.ts';
import { isCounted } from '../stalls/loop.ts';
import { profilingSince } from '../stalls/profiler.ts';
import { lookAtWake, wasIdle } from '../stalls/stalls.ts';
import { lastStallId } from '../stalls/stall-list.ts';
import { isWorkLeft } from '../tree/snapshot-job.ts';
import { isProgramInterrupted } from '../stacks/stack.ts';
import { runsUnheard } from './unheard.ts';
import { setWakeHook, unsetWakeHook } from './wake-hook.ts';

/** So many polls in a row must have found it idle, about half a second; after a long rest one is enough. */
const IDLE_POLLS = 8;
/** A rest that is over sooner is not worth what it costs: the telling and a poll right after. Milliseconds. */
const WORTH_MS = 500;

let rests = 0;
let sinceMs: number | undefined;
let idlePolls = 0;
let needed = IDLE_POLLS;
let seenStall = 0;
const tellers: ((event: Awake) => void)[] = [];

/** `tell` hears of each end of a rest, in the middle of whatever ends it. */
export function onAwake(tell: (event: Awake) => void): void {
  tellers.push(tell);
}

/** At the end of a poll whose watcher would hear of the end of a rest. Answers the number of the rest that goes on or begins now. */
export function restIfIdle(): number | undefined {
  // In the midst of a callback, the next one is not the one to hear of.
  const isIdle = wasIdle() && !isProgramInterrupted();
  if (sinceMs !== undefined) {
    if (isIdle) watchGarbageAnew();
    if (isIdle) return rests;
    endRest();
    return undefined;
  }
  idlePolls = isIdle ? idlePolls + 1 : 0;
  const stall = lastStallId();
  // Its effects are looked for a while longer.
  if (stall !== seenStall) needed = IDLE_POLLS + (idlePolls = 0);
  seenStall = stall;
  if (idlePolls < needed || !isCounted() || runsUnheard() || profilingSince() !== undefined || isWorkLeft()) {
    return undefined;
  }
  if (isPoolInUse()) return undefined;
  if (!setWakeHook(wake)) return undefined;
  lookAtStirring(wake);
  suspendDelays();
  watchGarbageAnew();
  sinceMs = performance.now();
  return ++rests;
}

/** Whoever asks would not hear of its end, or sees that it is over. */
export function endRest(): void {
  if (sinceMs !== undefined) guarded('rest', leave, undefined);
}

function leave(): void {
  lookAtStirring(null);
  unsetWakeHook();
  const nowMs = performance.now();
  const restedMs = nowMs - (sinceMs ?? nowMs);
  sinceMs = undefined;
  idlePolls = 0;
  needed = restedMs < WORTH_MS ? IDLE_POLLS : 1;
  resumeDelays();
  watchGarbageNoMore();
  sampleBusy(nowMs, true);
}

/** In the hook of a callback of the program, or where it makes something: nothing may be thrown. */
function wake(): void {
  if (sinceMs === undefined) return;
  guarded('rest', lookAtWake, undefined);
  endRest();
  for (const tell of tellers) guarded('awake', () => tell({ event: 'awake', rest: rests }), undefined);
}

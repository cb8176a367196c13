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
import { lookUnwatched } from '../stalls/unwatched-look.ts';
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
/** Whoever watches knows of the rest. */
let isKnown = false;
/** The timer that looks at a thread at which nobody else does. */
let ownTimer: number | undefined;
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
  if (idlePolls < needed || !begin(true)) return undefined;
  watchGarbageAnew();
  return rests;
}

/** Of a thread at which nobody looks, from a timer of ours that is not to end the rest. */
export function restUnknown(asyncId: number): void {
  ownTimer = asyncId;
  if (sinceMs === undefined) begin(false);
}

function begin(known: boolean): boolean {
  if (!isCounted() || runsUnheard() || profilingSince() !== undefined || isWorkLeft() || isPoolInUse()) return false;
  if (!setWakeHook(wake)) return false;
  isKnown = known;
  lookAtStirring(wake);
  suspendDelays();
  sinceMs = performance.now();
  rests++;
  return true;
}

/** Since when the thread rests, whoever may know of it. Milliseconds. */
export const restsSince = (): number | undefined => sinceMs;

/** Somebody looks who cannot know that the thread rests. */
export function endUnknownRest(): void {
  if (!isKnown) endRest();
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
  needed = isKnown && restedMs >= WORTH_MS ? 1 : IDLE_POLLS;
  resumeDelays(isKnown);
  if (!isKnown) lookUnwatched();
  watchGarbageNoMore();
  sampleBusy(nowMs, true);
}

/** In the hook of a callback of the program, or where it makes something: nothing may be thrown. */
function wake(asyncId?: number): void {
  if (sinceMs === undefined || (asyncId !== undefined && asyncId === ownTimer)) return;
  if (isKnown) guarded('rest', lookAtWake, undefined);
  endRest();
  if (!isKnown) return;
  for (const tell of tellers) guarded('awake', () => tell({ event: 'awake', rest: rests }), undefined);
}

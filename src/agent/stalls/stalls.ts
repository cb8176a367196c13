/** Finds the times in which the event loop did not turn, from the polls of whoever watches and from the calls that the tripwires timed. */
import { performance } from 'node:perf_hooks';
import type { Stall } from '../../protocol/agent.ts';
import { takeSums } from '../calls/api-sums.ts';
import { callsWithin, type FinishedCall } from '../calls/blocking-calls.ts';
import { emit } from '../carriers/events.ts';
import { isMadeByGarbage, watchGarbage } from './garbage.ts';
import { addDelay, areSuspended, MONITOR_MS, takeDelay } from './delays.ts';
import { queuedIn, starvedTurn } from './early-starvation.ts';
import { gapBetween, wasIdleIn, type Gap } from './gap.ts';
import { interruptedStack, withoutEntered } from './interrupted.ts';
import { LATE_MS, lookAt, type Look } from './lateness.ts';
import { readLoop, type LoopReading } from './loop.ts';
import { stopWaitingForQueueing, watchQueueing } from './queueing.ts';
import { addOwnTime, takeOwnTime } from '../own-time.ts';
import { runningNow } from './runs.ts';
import { finishProfiles, onStallOver, tendProfiler } from './stall-profiles.ts';
import { allStalls, dropStall, nextStallId, putStall } from './stall-list.ts';
import { lookAtOpenCall, openCall } from '../calls/timed-calls.ts';
import { addCalls, addLoad, afterStart, culprit, endAtLoopStart, machineLoad, newTurn } from './turn.ts';
import type { Turn } from './turn.ts';
import { takeUnwatched } from './unwatched-look.ts';

/** Shorter ones are not kept. Milliseconds. */
const KEEP_FROM_MS = 50;
/** From here on a stall of which no stack is known is kept; an open one is told by an event, and again at these intervals. Milliseconds. */
const TELL_FROM_MS = 100;
const TELL_EVERY_MS = 500;
/** A turn this old is worth a stack. Milliseconds. */
const SAMPLE_FROM_MS = 20;
/** A held-up poll runs as soon as the loop moves on, at most so many turns later. */
const TURNS_UNTIL_POLL = 3;
/** After so long without a look, what came before a call is not told apart any more. Milliseconds. */
const UNWATCHED_MS = 100;
/** Whoever watches has asked in this time before. Milliseconds. */
const WATCHED_MS = 1000;

let last: LoopReading | undefined;
let held = false;
let idle = false;
/** Time spent on our own work since the last look: nobody's stall. */
let ownMs = 0;
let current: Turn | undefined;
/** Of the turn that went on at the last poll: what was known before. */
let beforePoll: ReturnType<typeof placeIn> | undefined;

function describe(turn: Turn, open: boolean): Stall {
  turn.stallId ??= nextStallId();
  const { stallId: id, startMs, seenMs, toldAfterMs } = turn;
  const durationMs = seenMs - startMs;
  const told = toldAfterMs === undefined ? {} : { toldAfterMs };
  const blame = culprit(turn, open);
  const stall = { id, startMs, durationMs, open, ...told, ...blame, ...machineLoad(turn, durationMs, blame) };
  putStall(stall);
  return stall;
}

/** The turn is over: tells its stall, if it was one. */
function close(turn: Turn): void {
  stopWaitingForQueueing();
  if (turn.afterRest === true) addDelay(turn.seenMs - turn.startMs);
  if (turn.stallId === undefined && turn.seenMs - turn.startMs < KEEP_FROM_MS) return;
  const stall = describe(turn, false);
  if (isMadeByGarbage(turn, stall)) stall.kind = 'gc';
  onStallOver(stall);
  emit({ event: 'stall', stall });
}

/** The turn goes on: takes a stack, tells. `gapMs`: the time since the last look. */
function goOn(look: Look & { turn: Turn }, nowMs: number): Stall | undefined {
  const { late, isNative, gapMs } = look;
  let { turn } = look;
  turn.seenMs = Math.max(turn.seenMs, nowMs);
  const running = openCall();
  if (running !== undefined) turn.startMs = Math.min(turn.startMs, running.startMs);
  let durationMs = turn.seenMs - turn.startMs;
  if (durationMs >= SAMPLE_FROM_MS) {
    const seen = interruptedStack();
    const stack = late ? seen.stack : withoutEntered(seen);
    const after = isNative && seen.isNext;
    const sample = { stack, late, after, ms: Math.min(gapMs, durationMs), run: runningNow(stack) };
    turn.samples.add(sample);
    const starved = turn.startup ? starvedTurn(turn, sample) : undefined;
    if (starved !== undefined) {
      close(turn);
      current = turn = starved;
      durationMs = turn.seenMs - turn.startMs;
    }
  }
  if (durationMs < KEEP_FROM_MS) return undefined;
  watchGarbage();
  const queues = queuedIn(turn);
  if (queues.queuedAt === undefined && queues.samples.many(true) !== undefined) {
    watchQueueing((sites) => void (queues.queuedAt ??= sites));
  }
  const tells = durationMs >= TELL_FROM_MS && nowMs - turn.toldMs >= TELL_EVERY_MS;
  if (tells) turn.toldAfterMs ??= durationMs;
  const stall = describe(turn, true);
  if (tells) {
    turn.toldMs = nowMs;
    emit({ event: 'stall', stall });
  }
  return stall;
}

/**
 * The loop has moved on since the last look: ends the turn of then, and answers the one of now. How the time between is shared out is told by the delay
 * monitor: it knows the longest turn that is over, and has been silent for as long as the present one lasts.
 */
function nextTurn(before: LoopReading, now: LoopReading, gap: Gap): Turn {
  const { idleMs, activeMs, asleep } = gap;
  const delayMs = takeDelay();
  const previous = current ?? newTurn(before.nowMs, before);
  const isFirst = previous.number === 0;
  if (isFirst) endAtLoopStart(previous, now.nowMs);
  let restMs = asleep ? 0 : Math.max(0, Math.min(activeMs, now.nowMs - previous.seenMs - idleMs));
  const joined = now.turn - before.turn <= TURNS_UNTIL_POLL;
  const seenMs = previous.seenMs - previous.startMs;
  const ofCall = callsWithin(previous.startMs, previous.seenMs).totalMs >= seenMs / 2;
  const fired = now.monitored - before.monitored;
  // Every firing of the monitor is a turn of its own; without any other all that was no idle time is one turn's.
  const alone = now.counted && now.turn - before.turn - fired <= 1;
  const isOver = !ofCall && restMs >= KEEP_FROM_MS && (alone || joined) && interruptedStack().stack.length === 0;
  // While the monitors rest only the mean is known; the last turn is that of the poll itself.
  const mostMs = areSuspended() ? activeMs / Math.max(1, now.turn - before.turn - 1) : Infinity;
  const overMs = alone && isOver ? Infinity : (delayMs ?? (isOver ? mostMs : 0)) - ownMs;
  if (!isFirst && overMs >= KEEP_FROM_MS && (previous.stallId !== undefined || idleMs < 1)) {
    const moreMs = Math.min(restMs, Math.max(0, overMs - seenMs));
    previous.seenMs += moreMs;
    restMs -= moreMs;
    addLoad(previous, gap, moreMs);
  }
  close(previous);
  if (previous.stallId === undefined && Math.min(overMs, restMs) >= TELL_FROM_MS) {
    const startMs = now.nowMs - restMs;
    const between = { ...newTurn(startMs, before), seenMs: startMs + Math.min(restMs, overMs) };
    addLoad(between, isFirst ? afterStart(gap) : gap, between.seenMs - startMs);
    close(between);
    restMs -= between.seenMs - startMs;
  }
  const spanMs = now.nowMs - before.nowMs - (asleep ? activeMs : activeMs - restMs) - ownMs;
  const longestMs = alone ? restMs : Math.min(restMs, spanMs - (fired - 1) * MONITOR_MS);
  // While the program rests its silence says nothing.
  const shortestMs = areSuspended() ? 0 : Math.min(restMs, spanMs - (fired + 1) * MONITOR_MS);
  const ageMs = isOver ? 0 : alone || (joined && restMs >= KEEP_FROM_MS) ? longestMs : shortestMs;
  return newTurn(now.nowMs - Math.max(0, ageMs), now);
}

/** Brings the record up to the moment `now`. */
function advance(now: LoopReading, watcherLateMs = 0): Look & { turn: Turn } {
  const before = last ?? now;
  const call = openCall();
  const at = call !== undefined && call.startMs > before.nowMs ? { ...now, nowMs: call.startMs } : now;
  ownMs = takeOwnTime();
  const gap = gapBetween(before, at, { ownMs, watcherLateMs });
  if (now.turn === before.turn && gap.idleMs < 1) {
    current ??= newTurn(before.nowMs, before);
    current.startMs += gap.asleep ? now.nowMs - before.nowMs : ownMs;
  } else {
    current = nextTurn(before, at, gap);
  }
  const { processorMs } = gap;
  idle = wasIdleIn(gap);
  if (!gap.asleep) {
    current.processorMs += Math.max(0, processorMs - ownMs);
    current.takenAway += now.takenAway - before.takenAway;
  }
  addCalls(current, takeSums());
  last = now;
  return { turn: current, ...lookAt(gap, watcherLateMs) };
}

/** Forgets what came before `now`. */
function startAfresh(now: LoopReading): void {
  if (current !== undefined) close(current);
  current = newTurn(now.nowMs, now);
  last = now;
  takeOwnTime();
  takeDelay();
  takeSums();
}

/** All the turns before somebody polled, seen as one, are no stall. */
function leaveOut(unwatched: LoopReading | undefined): void {
  if (unwatched === undefined || unwatched.nowMs <= (last?.nowMs ?? 0)) return;
  if (current?.number === 0) endAtLoopStart(current, unwatched.nowMs);
  startAfresh(unwatched);
}

/**
 * Looks whether the loop has turned since the last poll; call it about every 30 ms. Answers the stall that is going on, from 50 ms. `paused`: a debugger
 * holds the program, so time does not count. `watcherLateMs`: how much later than it meant to the watcher came to ask.
 */
export function poll(paused: boolean, watcherLateMs = 0): Stall | undefined {
  const now = readLoop();
  leaveOut(takeUnwatched());
  if (paused || held) {
    if (held) current = undefined;
    held = paused;
    startAfresh(now);
    return undefined;
  }
  beforePoll = current === undefined ? undefined : placeIn(current);
  lookAtOpenCall(now.nowMs, heldUpMs(now));
  const look = advance(now, watcherLateMs);
  look.turn.watcherLateMs += watcherLateMs;
  const stall = goOn(look, now.nowMs);
  addOwnTime(tendProfiler(performance.now()));
  return stall;
}

const placeIn = ({ number, startMs, seenMs, stallId }: Turn) => ({ number, startMs, seenMs, stallId });

/** The program was held by a debugger at the last poll: what that saw is forgotten. */
export function takeBackPoll(): void {
  if (current === undefined) return;
  if (beforePoll?.stallId !== undefined && beforePoll.number === current.number) {
    current.startMs = beforePoll.startMs;
    current.seenMs = beforePoll.seenMs;
    return;
  }
  if (current.stallId !== undefined) dropStall(current.stallId);
  current = undefined;
}

/** The program rests, and a callback begins. */
export function lookAtWake(): void {
  if (!held) advance(readLoop()).turn.afterRest = true;
}

/** For how long the present turn has lasted when it was seen last, start-up apart. Milliseconds. */
export const openTurnMs = (): number =>
  current === undefined || current.startup ? 0 : current.seenMs - current.startMs;

/** For how long whoever watches was kept from asking again; 0 for less than that takes otherwise. */
function heldUpMs(now: LoopReading): number {
  const activeMs = last === undefined ? 0 : now.nowMs - last.nowMs - (now.idleMs - last.idleMs);
  return activeMs > LATE_MS ? activeMs : 0;
}

/** Whether the program had next to nothing to do between the last two polls. */
export const wasIdle = (): boolean => idle;

/** Start-up counts from this moment on. */
export function startStalls(nowMs: number): void {
  last = readLoop();
  current = newTurn(nowMs, last);
}

/** A synchronous call of some length ended: what it held up is known even when nobody polls. A poll that follows can only find the turn longer. */
export function callEnded({ startMs, endMs, loop }: FinishedCall): void {
  if (held || loop === undefined) return;
  if (current?.number !== loop.turn) {
    const begun = { ...loop, nowMs: startMs };
    if (last !== undefined && startMs - last.nowMs < UNWATCHED_MS) advance(begun);
    else startAfresh(begun);
  } else current.startMs += takeOwnTime();
  last = { ...loop, nowMs: endMs };
  if (current === undefined) return;
  current.startMs = Math.min(current.startMs, startMs);
  current.seenMs = Math.max(current.seenMs, endMs);
  // The call is of this turn, not of the one that comes next.
  addCalls(current, takeSums());
  close(current);
}

/** The thread ends. */
export function finishStalls(): void {
  const now = readLoop();
  if (held || current === undefined || last === undefined) return;
  const call = openCall();
  // One that has thrown, and nobody has asked since: on a busy machine whoever watches may be late.
  if (call !== undefined && call.startMs - last.nowMs < WATCHED_MS) lookAtOpenCall(now.nowMs, heldUpMs(now));
  if (now.turn === last.turn && now.idleMs - last.idleMs < 1)
    current.seenMs = Math.max(current.seenMs, now.nowMs - takeOwnTime());
  addCalls(current, takeSums());
  close(current);
  finishProfiles();
  current = undefined;
}

/** All so far, an open one last. */
export const stalls = allStalls;

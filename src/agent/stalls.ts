/** Finds the times in which the event loop did not turn, from the polls of whoever watches and from the calls that the tripwires timed. */
import type { Frame, Stall, StallKind } from '../protocol/agent.ts';
import { callsWithin, type FinishedCall } from './blocking-calls.ts';
import { emit } from './events.ts';
import { loopStartMs, MONITOR_MS, readLoop, takeDelay, type LoopReading } from './loop.ts';
import { newSamples, type Samples } from './samples.ts';
import { captureFrames } from './stack.ts';
import { allStalls, nextStallId, putStall } from './stall-list.ts';
import { isStartup, lookAtOpenCall, openCall } from './tripwires.ts';

/** Shorter ones are not kept. Milliseconds. */
const KEEP_FROM_MS = 50;
/** From here on a stall of which no stack is known is kept; an open one is told by an event, and again at these intervals. Milliseconds. */
const TELL_FROM_MS = 100;
const TELL_EVERY_MS = 500;
/** A turn this old is worth a stack. Milliseconds. */
const SAMPLE_FROM_MS = 20;
/** A poll that comes later than this after the last one was held up: by a native call, or because the watcher itself was. Milliseconds. */
const LATE_MS = 75;
/** With a smaller share of processor time the process did not run: stopped, suspended, or starved by the machine. */
const RUNNING_SHARE = 0.1;
/** A held-up poll runs as soon as the loop moves on, at most so many turns later. */
const TURNS_UNTIL_POLL = 3;
/** After so long without a look, what came before a call is not told apart any more. Milliseconds. */
const UNWATCHED_MS = 100;
/** A stall without a stack that begins so soon after the loop's start is put down to start-up. Milliseconds. */
const EARLY_MS = 250;
const STACK_DEPTH = 64;

/** One turn of the loop as far as seen. */
interface Turn {
  /** As in {@link LoopReading}. */
  number: number;
  startMs: number;
  /** It lasted at least until then. */
  seenMs: number;
  startup: boolean;
  samples: Samples;
  stallId?: number;
  toldMs: number;
}

let last: LoopReading | undefined;
let held = false;
/** Time spent on our own work since the last look. */
let ownMs = 0;
let current: Turn | undefined;

function newTurn(startMs: number, { turn, nowMs }: LoopReading): Turn {
  return {
    number: turn,
    startMs,
    seenMs: Math.max(startMs, nowMs),
    startup: loopStartMs() === undefined,
    samples: newSamples(),
    toldMs: 0,
  };
}

/** Modules of the program may still be loading then. */
const isEarly = ({ startMs }: Turn): boolean => startMs < (loopStartMs() ?? Infinity) + EARLY_MS;

/** Who is to blame for the time of the turn so far. */
function culprit(turn: Turn, open: boolean): Pick<Stall, 'kind' | 'api' | 'stack' | 'confidence'> {
  const half = (turn.seenMs - turn.startMs) / 2;
  const running = open ? openCall() : undefined;
  const best = turn.samples.best();
  const kindOr = (kind: StallKind, stack: Stall['stack']): StallKind =>
    turn.startup || isStartup(stack) || (stack.length === 0 && isEarly(turn)) ? 'startup' : kind;
  if (running !== undefined && turn.seenMs - running.startMs >= half) {
    const stack = running.stack ?? best?.stack ?? [];
    return { kind: kindOr('sync-call', stack), api: running.api, stack, confidence: 'exact' };
  }
  const { longest, totalMs } = callsWithin(turn.startMs, turn.seenMs);
  if (longest !== undefined && totalMs >= half) {
    const { api, stack } = longest;
    return { kind: kindOr('sync-call', stack), api, stack, confidence: 'exact' };
  }
  const stack = best?.stack ?? [];
  return { kind: kindOr('javascript', stack), stack, confidence: best?.late === false ? 'sampled' : 'inferred' };
}

function describe(turn: Turn, open: boolean): Stall {
  turn.stallId ??= nextStallId();
  const { stallId: id, startMs, seenMs } = turn;
  const stall = { id, startMs, durationMs: seenMs - startMs, open, ...culprit(turn, open) };
  putStall(stall);
  return stall;
}

/** The turn is over: tells its stall, if it was one. */
function close(turn: Turn): void {
  if (turn.stallId !== undefined || turn.seenMs - turn.startMs >= KEEP_FROM_MS) {
    emit({ event: 'stall', stall: describe(turn, false) });
  }
}

/** The program's stack; the outermost of ours is the inspector's nameless script that asked. */
function interruptedStack(): Frame[] {
  const stack = captureFrames(STACK_DEPTH);
  return stack[0]?.file === '' ? stack.slice(1) : stack;
}

/** The turn goes on: takes a stack, tells. */
function goOn(turn: Turn, nowMs: number, late: boolean): Stall | undefined {
  turn.seenMs = Math.max(turn.seenMs, nowMs);
  const running = openCall();
  if (running !== undefined) turn.startMs = Math.min(turn.startMs, running.startMs);
  const durationMs = turn.seenMs - turn.startMs;
  if (durationMs >= SAMPLE_FROM_MS) turn.samples.add(interruptedStack(), late);
  if (durationMs < KEEP_FROM_MS) return undefined;
  const stall = describe(turn, true);
  if (durationMs >= TELL_FROM_MS && nowMs - turn.toldMs >= TELL_EVERY_MS) {
    turn.toldMs = nowMs;
    emit({ event: 'stall', stall });
  }
  return stall;
}

/** What happened from one look to the next; milliseconds. */
interface Gap {
  idleMs: number;
  /** Neither idle nor our own work. */
  activeMs: number;
  /** The process itself hardly ran. */
  asleep: boolean;
}

function gapBetween(before: LoopReading, now: LoopReading): Gap {
  const idleMs = now.idleMs - before.idleMs;
  const activeMs = Math.max(0, now.nowMs - before.nowMs - idleMs - ownMs);
  const inCalls = callsWithin(before.nowMs, now.nowMs).totalMs > activeMs / 2 || openCall() !== undefined;
  const idleProcessor = now.processorMs - before.processorMs < activeMs * RUNNING_SHARE;
  return { idleMs, activeMs, asleep: activeMs >= KEEP_FROM_MS && !inCalls && idleProcessor };
}

/**
 * The loop has moved on since the last look: ends the turn of then, and answers the one of now. How the time between is shared out is told by the delay
 * monitor: it knows the longest turn that is over, and has been silent for as long as the present one lasts.
 */
function nextTurn(before: LoopReading, now: LoopReading, { idleMs, activeMs, asleep }: Gap): Turn {
  const delayMs = takeDelay();
  const previous = current ?? newTurn(before.nowMs, before);
  const loopMs = loopStartMs() ?? Infinity;
  if (previous.startup) previous.seenMs = Math.max(previous.startMs, Math.min(loopMs, now.nowMs));
  let restMs = asleep ? 0 : Math.max(0, Math.min(activeMs, now.nowMs - previous.seenMs - idleMs));
  const joined = now.turn - before.turn <= TURNS_UNTIL_POLL;
  const seenMs = previous.seenMs - previous.startMs;
  const ofCall = callsWithin(previous.startMs, previous.seenMs).totalMs >= seenMs / 2;
  const overMs = (delayMs ?? (joined && !ofCall && interruptedStack().length === 0 ? Infinity : 0)) - ownMs;
  if (!previous.startup && overMs >= KEEP_FROM_MS && (previous.stallId !== undefined || idleMs < 1)) {
    const moreMs = Math.min(restMs, Math.max(0, overMs - seenMs));
    previous.seenMs += moreMs;
    restMs -= moreMs;
  }
  close(previous);
  if (previous.stallId === undefined && Math.min(overMs, restMs) >= TELL_FROM_MS) {
    const startMs = now.nowMs - restMs;
    const between = { ...newTurn(startMs, before), seenMs: startMs + Math.min(restMs, overMs) };
    close(between);
    restMs -= between.seenMs - startMs;
  }
  const spanMs = now.nowMs - before.nowMs - (asleep ? activeMs : activeMs - restMs) - ownMs;
  const fired = now.monitored - before.monitored;
  const longestMs = Math.min(restMs, spanMs - (fired - 1) * MONITOR_MS);
  const shortestMs = Math.min(restMs, spanMs - (fired + 1) * MONITOR_MS);
  const ageMs = Math.max(0, joined && restMs >= KEEP_FROM_MS ? longestMs : shortestMs);
  return newTurn(now.nowMs - ageMs, now);
}

/** Brings the record up to the moment `now`. Answers whether the turn of the last look goes on. */
function advance(now: LoopReading): { turn: Turn; late: boolean } {
  const before = last ?? now;
  const call = openCall();
  const at = call !== undefined && call.startMs > before.nowMs ? { ...now, nowMs: call.startMs } : now;
  const gap = gapBetween(before, at);
  if (now.turn === before.turn && gap.idleMs < 1) {
    current ??= newTurn(before.nowMs, before);
    current.startMs += gap.asleep ? now.nowMs - before.nowMs : ownMs;
  } else {
    current = nextTurn(before, at, gap);
  }
  last = now;
  ownMs = 0;
  return { turn: current, late: gap.activeMs > LATE_MS };
}

/** Forgets what came before `now`. */
function startAfresh(now: LoopReading): void {
  if (current !== undefined) close(current);
  current = newTurn(now.nowMs, now);
  last = now;
  ownMs = 0;
  takeDelay();
}

/**
 * Looks whether the loop has turned since the last poll; call it about every 30 ms. Answers the stall that is going on, from 50 ms. `paused`: a debugger
 * holds the program, so time does not count.
 */
export function poll(paused: boolean): Stall | undefined {
  const now = readLoop();
  if (paused || held) {
    if (held) current = undefined;
    held = paused;
    startAfresh(now);
    return undefined;
  }
  lookAtOpenCall(now.nowMs, last !== undefined && now.nowMs - last.nowMs - (now.idleMs - last.idleMs) > LATE_MS);
  const { turn, late } = advance(now);
  return goOn(turn, now.nowMs, late);
}

/** Start-up counts from this moment on. */
export function startStalls(nowMs: number): void {
  last = readLoop();
  current = newTurn(nowMs, last);
}

/** Time that the agent itself took in answering: nobody's stall. */
export function excuse(durationMs: number): void {
  ownMs += durationMs;
}

/** A synchronous call of some length ended: what it held up is known even when nobody polls. A poll that follows can only find the turn longer. */
export function callEnded({ startMs, endMs, loop }: FinishedCall): void {
  if (held || loop === undefined) return;
  if (current?.number !== loop.turn) {
    const begun = { ...loop, nowMs: startMs };
    if (last !== undefined && startMs - last.nowMs < UNWATCHED_MS) advance(begun);
    else startAfresh(begun);
  }
  last = { ...loop, nowMs: endMs };
  ownMs = 0;
  if (current === undefined) return;
  current.startMs = Math.min(current.startMs, startMs);
  current.seenMs = Math.max(current.seenMs, endMs);
  close(current);
}

/** The thread ends. */
export function finishStalls(): void {
  const now = readLoop();
  if (held || current === undefined || last === undefined) return;
  if (now.turn === last.turn && now.idleMs - last.idleMs < 1) current.seenMs = now.nowMs;
  close(current);
  current = undefined;
}

/** All so far, an open one last. */
export const stalls = allStalls;

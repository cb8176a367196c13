/** Finds the times in which the event loop did not turn, from the polls of whoever watches and from the calls that the tripwires timed. */
import type { Frame, Stall, StallKind } from '../protocol/agent.ts';
import { callsWithin, type FinishedCall } from './blocking-calls.ts';
import { emit } from './events.ts';
import { loopStartMs, readLoop, type LoopReading } from './loop.ts';
import { newSamples, type Samples } from './samples.ts';
import { captureFrames } from './stack.ts';
import { allStalls, nextStallId, putCallStall, putStall, takeCallStalls } from './stall-list.ts';
import { isStartup, lookAtOpenCall, openCall } from './tripwires.ts';

/** Shorter ones are not kept. Milliseconds. */
const KEEP_FROM_MS = 50;
/** From here on an open stall is told by an event, and again at these intervals. Milliseconds. */
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
const STACK_DEPTH = 64;

/** One turn of the loop as far as seen. */
interface Turn {
  startMs: number;
  startup: boolean;
  samples: Samples;
  stallId?: number;
  toldMs: number;
}

let last: LoopReading | undefined;
let held = false;
/** Time spent on our own work since the last poll. */
let ownMs = 0;
let current: Turn | undefined;

function newTurn(startMs: number): Turn {
  return { startMs, startup: loopStartMs() === undefined, samples: newSamples(), toldMs: 0 };
}

/** Who is to blame for the time from the start of the turn to `endMs`. */
function culprit(turn: Turn, endMs: number, open: boolean): Pick<Stall, 'kind' | 'api' | 'stack' | 'confidence'> {
  const half = (endMs - turn.startMs) / 2;
  const running = open ? openCall() : undefined;
  const best = turn.samples.best();
  const kindOr = (kind: StallKind, stack: Stall['stack']): StallKind =>
    turn.startup || isStartup(stack) ? 'startup' : kind;
  if (running !== undefined && endMs - running.startMs >= half) {
    const stack = running.stack ?? best?.stack ?? [];
    return { kind: kindOr('sync-call', stack), api: running.api, stack, confidence: 'exact' };
  }
  const { longest } = callsWithin(turn.startMs, endMs);
  if (longest !== undefined && longest.endMs - longest.startMs >= half) {
    const { api, stack } = longest;
    return { kind: kindOr('sync-call', stack), api, stack, confidence: 'exact' };
  }
  const stack = best?.stack ?? [];
  return { kind: kindOr('javascript', stack), stack, confidence: best?.late === false ? 'sampled' : 'inferred' };
}

/** A call that is running, or that ended in this turn, began in it: polls may have come late. */
function includeCalls(turn: Turn, endMs: number, open: boolean): void {
  const call = (open ? openCall() : undefined) ?? callsWithin(turn.startMs, endMs).longest;
  if (call !== undefined) turn.startMs = Math.min(turn.startMs, call.startMs);
}

function describe(turn: Turn, endMs: number, open: boolean): Stall {
  includeCalls(turn, endMs, open);
  turn.stallId ??= takeCallStalls(turn.startMs, endMs) ?? nextStallId();
  const durationMs = endMs - turn.startMs;
  const stall = { id: turn.stallId, startMs: turn.startMs, durationMs, open, ...culprit(turn, endMs, open) };
  putStall(stall);
  return stall;
}

/** Ends the stall between its last poll (`seenMs`) and `endMs`: when the call behind it did, if that is known. Answers when. */
function finish(turn: Turn, seenMs: number, endMs: number): number {
  const { longest } = callsWithin(turn.startMs, endMs);
  const known = longest !== undefined && longest.endMs - longest.startMs > (endMs - turn.startMs) / 2;
  const at = Math.max(turn.startMs, known ? Math.max(seenMs, longest.endMs) : endMs);
  emit({ event: 'stall', stall: describe(turn, Math.min(at, Math.max(endMs, turn.startMs)), false) });
  return at;
}

/** The program's stack; the outermost of ours is the inspector's nameless script that asked. */
function interruptedStack(): Frame[] {
  const stack = captureFrames(STACK_DEPTH);
  return stack[0]?.file === '' ? stack.slice(1) : stack;
}

/** The turn goes on: takes a stack, tells. */
function continueTurn(turn: Turn, nowMs: number, late: boolean): Stall | undefined {
  const durationMs = nowMs - turn.startMs;
  if (durationMs >= SAMPLE_FROM_MS) turn.samples.add(interruptedStack(), late);
  if (durationMs < KEEP_FROM_MS) return undefined;
  const stall = describe(turn, nowMs, true);
  if (durationMs >= TELL_FROM_MS && nowMs - turn.toldMs >= TELL_EVERY_MS) {
    turn.toldMs = nowMs;
    emit({ event: 'stall', stall });
  }
  return stall;
}

/**
 * Looks whether the loop has turned since the last poll; call it about every 30 ms. Answers the stall that is going on, from 50 ms. `paused`: a debugger
 * holds the program, so time does not count.
 */
export function poll(paused: boolean): Stall | undefined {
  const now = readLoop();
  const before = last;
  const excused = ownMs;
  last = now;
  ownMs = 0;
  if (paused || held || before === undefined) {
    if (!held && before !== undefined && current?.stallId !== undefined) finish(current, before.nowMs, before.nowMs);
    held = paused;
    current = newTurn(before === undefined && loopStartMs() === undefined ? startMs : now.nowMs);
    return undefined;
  }
  const gapMs = now.nowMs - before.nowMs;
  const idleMs = now.idleMs - before.idleMs;
  const activeMs = gapMs - idleMs - excused;
  const late = activeMs > LATE_MS;
  lookAtOpenCall(now.nowMs, late);
  const inCalls = callsWithin(before.nowMs, now.nowMs).totalMs > activeMs / 2 || openCall() !== undefined;
  const asleep = late && !inCalls && now.processorMs - before.processorMs < activeMs * RUNNING_SHARE;
  current ??= newTurn(before.nowMs);
  if (now.turn === before.turn && idleMs < 1) {
    current.startMs += asleep ? gapMs : excused;
    return continueTurn(current, now.nowMs, late);
  }
  let earliestMs = loopStartMs() ?? 0;
  if (current.stallId !== undefined) {
    const startupEndMs = current.startup ? (loopStartMs() ?? Infinity) : Infinity;
    const endMs = Math.min(startupEndMs, asleep ? before.nowMs : now.nowMs - idleMs);
    earliestMs = finish(current, Math.min(before.nowMs, endMs), endMs);
  }
  const previous = current;
  const joined = !asleep && now.turn - before.turn <= TURNS_UNTIL_POLL;
  current = newTurn(Math.max(earliestMs, joined ? now.nowMs - activeMs : now.nowMs));
  if (!joined || activeMs < KEEP_FROM_MS || previous.stallId !== undefined) return undefined;
  if (idleMs < 1) current.startMs = Math.min(previous.startMs, before.nowMs) + excused;
  if (interruptedStack().length > 0) return continueTurn(current, now.nowMs, late);
  finish(current, current.startMs, now.nowMs);
  current = newTurn(now.nowMs);
  return undefined;
}

/** Where the program's time begins; milliseconds of `performance.now`. */
let startMs = 0;

/** Start-up counts from this moment on. */
export function startStalls(nowMs: number): void {
  startMs = nowMs;
}

/** Time that the agent itself took in answering: nobody's stall. */
export function excuse(durationMs: number): void {
  ownMs += durationMs;
}

/** A synchronous call ended: its stall is known even when nobody polls; a poll that follows extends it to the whole turn. */
export function callEnded(call: FinishedCall): void {
  const durationMs = call.endMs - call.startMs;
  if (durationMs < KEEP_FROM_MS || current?.stallId !== undefined) return;
  const { api, stack, startup } = call;
  const stall: Stall = {
    id: nextStallId(),
    kind: startup ? 'startup' : 'sync-call',
    startMs: call.startMs,
    durationMs,
    open: false,
    api,
    stack,
    confidence: 'exact',
  };
  putCallStall(stall);
  emit({ event: 'stall', stall });
}

/** Closes an open stall: the thread ends. */
export function finishStalls(nowMs: number): void {
  if (current?.stallId !== undefined) finish(current, current.startMs, nowMs);
  current = undefined;
}

/** All so far, an open one last. */
export const stalls = allStalls;

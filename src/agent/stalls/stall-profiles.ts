/** Decides when stalls are worth V8's CPU profiler, and adds to each what the profile says. */
import { performance } from 'node:perf_hooks';
import v8 from 'node:v8';
import type { Frame, Stall } from '../../protocol/agent.ts';
import type { ProfilerMode } from '../../protocol/profile.ts';
import { emit } from '../carriers/events.ts';
import { guarded } from '../faults.ts';
import { isForeign } from '../stacks/origin.ts';
import { Guesses } from './guesses.ts';
import { withLines, type ProfiledStall } from './profile-reading.ts';
import { leaveProfiler, profilingSince, startProfiling, stopProfiling } from './profiler.ts';
import { allStalls, putStall } from './stall-list.ts';
import { isWithinProgram } from '../stacks/within.ts';

/** So many stalls at one place without an explanation are worth a profile; of what is known to be native code one is, for no stack will ever show it. */
const ENOUGH = 2;
const ENOUGH_IF_NATIVE = 1;
/** Profiles of one place; of those whose place is not known. */
const PROFILES = 1;
/** Of a place from which native code is called: it may call this or that. */
const PROFILES_IF_NATIVE = 3;
const PROFILES_OF_UNKNOWN = 3;
/** For so long the profiler waits for the next stall, and so often in all. */
const MAX_MS = 60_000;
const MAX_PERIODS = 10;
/** Always on, it may cost the program a tenth of its time to read profiles; so a stop and a start take at least that many times as long to come again. */
const DUTY = 10;
/** What a busy machine adds to a short turn is no puzzle of the program's. Milliseconds. */
const OWN_MS = 50;
/** Of a stall as long as this must be known what ran. */
const SEEN_SHARE = 0.5;

/** To start the profiler V8 (Node 20 to 26) goes through the whole heap: 1 to 4 ms for each megabyte of small objects, in which the program stands still. */
const START_MS_PER_MB = 2;
const MB = 2 ** 20;
/** So many times as long must the program have been held for no known reason; so many times by native code at one place. */
const WORTH = 10;
const WORTH_IF_NATIVE = 2;
/** For that little, the start itself may not hold the program as long as a stall that is worth a warning. Milliseconds. */
const MOST_IF_NATIVE_MS = 100;

interface Unexplained {
  stalls: number;
  profiles: number;
}

let mode: ProfilerMode = 'auto';
let broken = false;
let wanted = false;
let periods = 0;
let readAtMs = -Infinity;
let readingMs = 0;
let unexplainedMs = 0;
let nativeMs = 0;
let waiting: Stall[] = [];
const unexplained = new Map<string, Unexplained>();
/** Where the time went of stalls that seemed to be at that step. */
const known = new Map<string, Frame[]>();
/** Steps before which the time went now here, now there, if only on another line of one function: of what no profile saw, nothing is known. */
const ambiguous = new Set<string>();
/** Stalls that were put down to what is {@link known}. */
const guesses = new Guesses();

/** From now on. */
export function setProfilerMode(value: ProfilerMode): void {
  mode = value;
}

/** Neither a timed call nor a stack taken meanwhile says what ran. */
const isUnexplained = ({ kind, confidence, durationMs, processorMs = durationMs }: Stall): boolean =>
  confidence === 'inferred' && (kind === 'javascript' || kind === 'callbacks') && processorMs >= OWN_MS;

/** It has returned when V8 lets a poll in: the stack shows what came next. */
const isNative = ({ after }: Stall): boolean => after === true;

/** What a profile could add something to. */
const isProfiled = ({ kind, confidence }: Stall): boolean => confidence !== 'exact' && kind !== 'startup';

/** The function of the program's own in which it seemed to be; empty when there is none. */
function seemingPlace(stack: readonly Frame[]): string {
  const frame = stack.find((each) => !isForeign(each));
  return frame === undefined ? '' : `${frame.file}\n${frame.function}`;
}

/** The very step of that function's: of what was held up before another one nothing is known. */
function seemingStep(stack: readonly Frame[]): string {
  const frame = stack.find((each) => !isForeign(each));
  return frame === undefined ? '' : `${seemingPlace(stack)}\n${frame.line}:${frame.column}`;
}

/** What a profile tells: the line of the program's own, and what was called there. */
function whatRan(stack: readonly Frame[]): string {
  const own = stack.findIndex((each) => !isForeign(each));
  return `${seemingPlace(stack)}\n${stack[own]?.line}\n${stack[own - 1]?.function}`;
}

/** A stall is over and about to be told. */
export function onStallOver(stall: Stall): void {
  if (mode === 'off' || broken) return;
  const sinceMs = profilingSince();
  if (sinceMs !== undefined && isProfiled(stall) && stall.startMs + stall.durationMs > sinceMs) waiting.push(stall);
  if (!isUnexplained(stall)) return;
  const key = seemingPlace(stall.stack);
  const native = isNative(stall);
  const at = seemingStep(stall.stack);
  const stack = known.get(at);
  if (stack !== undefined) guess(stall, at, stack);
  const entry = unexplained.get(key) ?? { stalls: 0, profiles: 0 };
  unexplained.set(key, entry);
  entry.stalls++;
  unexplainedMs += stall.durationMs;
  if (native) nativeMs += stall.durationMs;
  const most = native ? PROFILES_IF_NATIVE : PROFILES;
  const isEnough = entry.stalls >= (native ? ENOUGH_IF_NATIVE : ENOUGH);
  if (isEnough && entry.profiles < (key === '' ? PROFILES_OF_UNKNOWN : most)) wanted = true;
}

/** Starts, reads and stops as needed; call it often. Answers how long that took, milliseconds. */
export function tendProfiler(nowMs: number): number {
  if (broken) return 0;
  const isOn = profilingSince() !== undefined;
  const isDue = mode === 'on' ? waiting.length > 0 : waiting.some(isUnexplained);
  const isOld = isOn && nowMs - (profilingSince() ?? nowMs) > MAX_MS;
  const mayRead = nowMs - readAtMs >= DUTY * readingMs;
  const stops = isOn && (mode === 'off' || isOld || (isDue && mayRead));
  if (stops) readStalls();
  const starts = profilingSince() === undefined && isWanted() && !isWithinProgram();
  if (starts) begin();
  if (!stops && !starts) return 0;
  readAtMs = performance.now();
  return (readingMs = readAtMs - nowMs);
}

/** The thread ends: what is waiting is explained now. */
export function finishProfiles(): void {
  if (!broken && profilingSince() !== undefined) readStalls();
  leaveProfiler();
}

const isWanted = (): boolean => mode === 'on' || (mode === 'auto' && wanted && periods < MAX_PERIODS && isWorthIt());

function isWorthIt(): boolean {
  const costMs = startCostMs();
  const isForNative = costMs <= MOST_IF_NATIVE_MS && costMs * WORTH_IF_NATIVE <= nativeMs;
  return isForNative || costMs * WORTH <= unexplainedMs;
}

/** What a start would take; large strings and buffers don't matter. */
function startCostMs(): number {
  const spaces = v8.getHeapSpaceStatistics().filter(({ space_name: name }) => !name.includes('large'));
  return spaces.reduce((sum, { space_used_size: size }) => sum + (size / MB) * START_MS_PER_MB, 0);
}

/** Loads a module of Node's, and with it who knows what. */
function begin(): void {
  broken = !guarded('profiler', () => (startProfiling(), true), false);
  wanted = false;
  periods++;
}

function readStalls(): void {
  const stalls = waiting;
  waiting = [];
  guarded(
    'profile',
    () => {
      const explain = stopProfiling();
      for (const stall of stalls) add(stall, explain(stall.startMs, stall.startMs + stall.durationMs));
    },
    undefined,
  );
  if (mode !== 'on') leaveProfiler();
}

function add(stall: Stall, { stack, ...profile }: ProfiledStall): void {
  const taken = guesses.before(stall)?.stack ?? stall.stack;
  const key = seemingPlace(taken);
  const entry = unexplained.get(key);
  const isNews = isUnexplained(stall);
  if (isNews && entry !== undefined) entry.profiles++;
  if (profile.sampledMs < stall.durationMs * SEEN_SHARE) return;
  const isGarbage = profile.garbageMs >= profile.sampledMs / 2 && stall.overloaded !== true;
  const told = { ...stall };
  if (isNews && stack.length > 0) {
    setStack(told, withLines(stack, taken));
    told.confidence = 'sampled';
  }
  tellAgain({
    ...told,
    ...(isGarbage && (stall.kind === 'javascript' || stall.kind === 'callbacks') ? { kind: 'gc' } : {}),
    profile,
  });
  if (isNews && key !== '' && stack.length > 0) learn(seemingStep(taken), withLines(stack, taken));
}

/** A stall that seemed to be at that step was in truth in that stack: the others there probably, too, unless another profile says something else. */
function learn(key: string, stack: Frame[]): void {
  const before = known.get(key);
  if (before !== undefined && whatRan(before) !== whatRan(stack)) {
    ambiguous.add(key);
    known.delete(key);
    takeBackGuesses(key);
  }
  if (ambiguous.has(key)) return;
  known.set(key, stack);
  for (const stall of allStalls()) {
    if (!isUnexplained(stall) || guesses.before(stall) !== undefined || seemingStep(stall.stack) !== key) continue;
    const better = { ...stall };
    guess(better, key, stack);
    tellAgain(better);
  }
}

function guess(stall: Stall, key: string, stack: Frame[]): void {
  guesses.add(stall, key, allStalls);
  setStack(stall, stack);
}

function takeBackGuesses(key: string): void {
  for (const stall of allStalls()) {
    const before = isUnexplained(stall) ? guesses.take(stall, key) : undefined;
    if (before !== undefined) tellAgain({ ...stall, ...before });
  }
}

/** That of a profile. */
function setStack(stall: Stall, stack: Frame[]): void {
  stall.stack = stack;
  delete stall.after;
}

function tellAgain(stall: Stall): void {
  putStall(stall);
  emit({ event: 'stall', stall });
}

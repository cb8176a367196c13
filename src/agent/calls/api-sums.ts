/** Adds up the time of each timed function, so that a storm of short calls is known by name, and thins the timing out while one lasts. */
import type { Frame } from '../../protocol/agent.ts';
import { nowMs as coarseMs } from '../promises/clock.ts';

/** Kept for each function; times in milliseconds. */
export interface ApiSums {
  name: string;
  /** Since the last {@link takeSums}. */
  sumMs: number;
  /** As much of it as calls stand for that were told as the program's own. */
  toldMs: number;
  /** Calls that were timed but not told since the last one that was. */
  untold: Untold;
  /** The longest so far. */
  maxMs: number;
  /** Of the last call told. */
  stack: Frame[];
  /** The line of the last call told, and until when calls that follow are put down to it. */
  line: Untold | undefined;
  lineUntilMs: number;
  /** So many calls are let through untimed. */
  skip: number;
  windowMs: number;
  /** Calls since {@link ApiSums.windowMs}, as far as is known. */
  calls: number;
  /** As many as there were in such a time before that. */
  before: number;
  /** Calls within the call of another function that is on its way, and their time. */
  withinCount: number;
  withinMs: number;
}

/** Calls to be added to those of the next line told. */
export interface Untold {
  count: number;
  totalMs: number;
}

/** Beyond 1000 calls a second only about every fifth is timed: 0.5 to 1 us each, three times that where it is done seldom; 15 ns for the others. */
const WINDOW_MS = 100;
const OFTEN = 100;
/**
 * So many are let through, one after the other: 4 on average. In a fixed step two functions, of which one calls the other, would be timed at the same
 * calls always or never.
 */
const SKIPPED = [4, 1, 6, 3, 7, 2, 5];
let step = 0;
/**
 * Beyond 3500 a second only about every 14th is timed, and every 31st beyond 7750 or where short calls are nobody's concern: between system calls, where caches are cold,
 * that is 3 us each. These are 13 and 30 for 4.
 */
const VERY_OFTEN = 350;
const MOST_OFTEN = 775;
const manyFor = (few: number, isMost: boolean): number => (isMost ? 7 * few + 2 : 3 * few + 1);
/** So long after a call has been told, others of its function are thought to come from the same line. Milliseconds. */
const SAME_LINE_MS = 1000;

let active: ApiSums[] = [];

/** Nothing so far. */
export const newSums = (name: string): ApiSums => ({
  name,
  sumMs: 0,
  toldMs: 0,
  untold: { count: 0, totalMs: 0 },
  maxMs: 0,
  stack: [],
  line: undefined,
  lineUntilMs: 0,
  skip: 0,
  windowMs: 0,
  calls: 0,
  before: 0,
  withinCount: 0,
  withinMs: 0,
});

/** Whether the call that begins is one of those that are not timed: those of a storm that is over, as far as a clock read for others tells, are no more. */
export function isSkipped(api: ApiSums): boolean {
  if (api.skip === 0) return false;
  if (coarseMs - api.windowMs > WINDOW_MS) {
    api.skip = 0;
    return false;
  }
  api.skip--;
  return true;
}

/** A timed call has ended: decides about the next ones, and answers for how many calls this one stands. `isMinor`: short ones are nobody's concern. */
export function skipAfter(api: ApiSums, nowMs: number, isMinor: boolean): number {
  const lastedMs = nowMs - api.windowMs;
  if (lastedMs > WINDOW_MS) {
    dropUntold(api);
    api.windowMs = nowMs;
    api.before = (api.calls * WINDOW_MS) / lastedMs;
    api.calls = 0;
  }
  // A storm that goes on, or comes again, is known from its first call.
  const often = Math.max(++api.calls, api.before);
  if (often < OFTEN) return 1;
  step = (step + 1) % SKIPPED.length;
  const few = SKIPPED[step] ?? 0;
  api.skip = often >= VERY_OFTEN ? manyFor(few, isMinor || often >= MOST_OFTEN) : few;
  api.calls += api.skip;
  return api.skip + 1;
}

/** No call told follows soon: what is left belongs to the line of the last one, if there was one lately. */
function dropUntold({ untold, line, lineUntilMs, windowMs }: ApiSums): void {
  if (line !== undefined && windowMs < lineUntilMs) {
    line.count += untold.count;
    line.totalMs += untold.totalMs;
  }
  untold.count = 0;
  untold.totalMs = 0;
}

/** A call of this line has been told: in a storm of short ones there is no time for the stacks of the next. */
export function putDownTo(api: ApiSums, line: Untold | undefined, nowMs: number): void {
  api.line = line;
  api.lineUntilMs = nowMs + SAME_LINE_MS;
}

/** As often as calls must be for others to be let through, they take no longer on average: one that did, did so by itself. Milliseconds. */
const OFTEN_MS = 1;
const VERY_OFTEN_MS = 0.3;
const MOST_WHEN_OFTEN = Math.max(...SKIPPED) + 1;

/** The time of all the calls, milliseconds, for which one stands that was timed. */
export function timeOfAll(durationMs: number, weight: number): number {
  const usualMs = Math.min(durationMs, weight > MOST_WHEN_OFTEN ? VERY_OFTEN_MS : OFTEN_MS);
  return durationMs + (weight - 1) * usualMs;
}

/** Counts a call that stands for `weight` of them. */
export function addToApi(api: ApiSums, durationMs: number, weight: number): void {
  if (api.sumMs === 0) active.push(api);
  const totalMs = weight === 1 ? durationMs : timeOfAll(durationMs, weight);
  api.sumMs += totalMs;
  api.untold.count += weight;
  api.untold.totalMs += totalMs;
  if (durationMs > api.maxMs) api.maxMs = durationMs;
}

/** Of the time counted, so much was none of the program's. */
export function takeOut(api: ApiSums, ms: number): void {
  if (api.sumMs === 0) active.push(api);
  api.sumMs -= ms;
}

/** The call counted last turned out to be nobody's of the program. */
export function takeBack({ untold }: ApiSums, durationMs: number, weight: number): void {
  untold.count = Math.max(0, untold.count - weight);
  untold.totalMs = Math.max(0, untold.totalMs - timeOfAll(durationMs, weight));
}

/** Time in one function. */
export interface ApiTime {
  api: string;
  ms: number;
  /** As in {@link ApiSums}. */
  toldMs: number;
  stack: Frame[];
}

/** The time spent in each function since the last time this was asked. */
export function takeSums(): ApiTime[] {
  if (active.length === 0) return NONE;
  const times = active.map(({ name, sumMs, toldMs, stack }) => ({ api: name, ms: Math.max(0, sumMs), toldMs, stack }));
  for (const api of active) {
    api.sumMs = 0;
    api.toldMs = 0;
    dropUntold(api);
  }
  active = [];
  return times;
}

const NONE: ApiTime[] = [];

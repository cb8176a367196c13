/** Adds up synchronous calls by line, and remembers the long ones for the stall they caused. */
import type { BlockingCall, Frame } from '../../protocol/agent.ts';
import type { Untold } from './api-sums.ts';
import type { LoopReading } from '../stalls/loop.ts';
import { isForeign } from '../stacks/origin.ts';

/** One finished call; times in milliseconds. */
export interface FinishedCall {
  api: string;
  /** As in {@link BlockingCall}. */
  detail?: string;
  /** The caller first. */
  stack: Frame[];
  startMs: number;
  endMs: number;
  startup: boolean;
  /** It was told before it began. */
  announced: boolean;
  /** The loop's clocks at the end; only of calls from {@link LONG_MS} on. */
  loop?: LoopReading;
}

const MAX_LINES = 500;
const MAX_RECENT = 200;
/** Calls this long make up a stall. Milliseconds. */
export const LONG_MS = 5;

const byLine = new Map<string, BlockingCall>();
const recent: FinishedCall[] = [];

function lineKey(api: string, stack: readonly Frame[]): string {
  const end = stack.findIndex((frame) => !isForeign(frame));
  const frames = end < 0 ? stack : stack.slice(0, end + 1);
  return [api, ...frames.map(({ file, line, column }) => `${file}:${line}:${column}`)].join('\n');
}

/**
 * Counts one call, and with it what was timed but `untold` (emptied); beyond 500 lines new ones are left out. Answers its line, unless the program was
 * still starting.
 */
export function recordCall(call: FinishedCall, untold: Untold): Untold | undefined {
  const durationMs = call.endMs - call.startMs;
  // The call itself is among them, unless it lay within another.
  const count = Math.max(1, untold.count);
  const totalMs = Math.max(durationMs, untold.totalMs);
  untold.count = 0;
  untold.totalMs = 0;
  if (durationMs >= LONG_MS) {
    recent.push(call);
    if (recent.length > MAX_RECENT) recent.shift();
  }
  const key = lineKey(call.api, call.stack);
  let sum = byLine.get(key);
  if (sum === undefined) {
    if (byLine.size >= MAX_LINES) return undefined;
    sum = { api: call.api, stack: call.stack, count: 0, totalMs: 0, maxMs: 0, startupCount: 0 };
    byLine.set(key, sum);
  }
  if (call.startup) {
    sum.startupCount += count;
    return undefined;
  }
  sum.count += count;
  sum.totalMs += totalMs;
  if (durationMs >= sum.maxMs) {
    sum.maxMs = durationMs;
    if (call.detail !== undefined) sum.detail = call.detail;
  }
  return sum;
}

/** What a call that is recorded already was asked to do has become known. */
export function addDetail({ api, stack, detail, startMs, endMs }: FinishedCall): void {
  const sum = byLine.get(lineKey(api, stack));
  if (sum !== undefined && detail !== undefined && endMs - startMs >= sum.maxMs) sum.detail = detail;
}

/** The longest call that lay within the span, and the time of all of them together; calls shorter than 5 ms are not remembered. */
export function callsWithin(startMs: number, endMs: number): { longest?: FinishedCall; totalMs: number } {
  let longest: FinishedCall | undefined;
  let longestMs = 0;
  let totalMs = 0;
  for (const call of recent) {
    const ms = Math.min(call.endMs, endMs) - Math.max(call.startMs, startMs);
    if (ms <= 0) continue;
    totalMs += ms;
    if (ms > longestMs) {
      longest = call;
      longestMs = ms;
    }
  }
  return longest === undefined ? { totalMs } : { longest, totalMs };
}

/** All lines so far, the costliest first. */
export function blockingCalls(): BlockingCall[] {
  return [...byLine.values()].map((sum) => ({ ...sum })).sort((a, b) => b.totalMs - a.totalMs);
}

/** Notes which awaits and reactions were made while the executor of a promise ran: what they wait for most likely settles that promise. */
import { dropOver } from '../compact.ts';
import { newTimeBudget } from '../budget.ts';
import { seen } from '../promises/promise-list.ts';
import { callOf, type Call, type PromiseRecord } from '../promises/promise-record.ts';
import { unawaitedNow } from '../promises/promises.ts';
import { isPromiseConstructor, type CallSite } from '../stacks/stack.ts';

/** Whole stacks, 5 to 40 us each: never at the expense of the lines of awaits. */
const budget = newTimeBudget(0.001, 10);
/** Libraries have callbacks upon callbacks between an executor and what it calls. */
const DEPTH = 40;
const MAX_REACTIONS = 2000;

/** Calls whose first await was made while executors ran: how many of them. */
const calls = new WeakMap<Call, number>();
let isAny = false;
/** The same of mere reactions. */
let reactions: Reaction[] = [];

/** A reaction made while so many executors ran. */
export interface Reaction {
  readonly record: PromiseRecord;
  readonly seq: number;
  readonly executors: number;
}

const isOver = ({ record, seq }: Reaction): boolean => record.seq !== seq || !record.isPending;

/**
 * `record` is made, the first to wait for its promise: a mere reaction or the await of a function. `stack` gives that of this moment. Where no executor can
 * be running, because whatever this code has made is awaited already, it is not asked for.
 */
export function noteBeginning(
  record: PromiseRecord,
  isReaction: boolean,
  nowMs: number,
  stack: (depth: number) => readonly CallSite[],
): void {
  // An await comes when the call's own promise is there.
  if (unawaitedNow() < (isReaction ? 1 : 2) || !budget.take(nowMs)) return;
  const startMs = performance.now();
  const executors = stack(DEPTH).filter(isPromiseConstructor).length;
  budget.spent(performance.now() - startMs);
  if (executors === 0) return;
  isAny = true;
  if (!isReaction) calls.set(callOf(record), executors);
  else {
    if (reactions.length >= MAX_REACTIONS) dropOver(reactions, 0, isOver);
    if (reactions.length < MAX_REACTIONS) reactions.push({ record: seen(record), seq: record.seq, executors });
  }
}

/** Whether anything was ever noted. */
export const hasBeginnings = (): boolean => isAny;

/** How many executors ran when the call suspended in `wait` came to its first await; 0 when none was seen. */
export function executorsAround({ call }: PromiseRecord): number {
  if (call === null) return 0;
  return calls.get(call) ?? (call.doubt === null ? 0 : (calls.get(call.doubt.base) ?? 0));
}

/** Mere reactions made while executors ran that are still pending. */
export function reactionsInside(): readonly Reaction[] {
  reactions = reactions.filter((reaction) => !isOver(reaction));
  return reactions;
}

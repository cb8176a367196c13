/** Notes which awaits and reactions were made while the executor of a promise ran: what they wait for most likely settles that promise. */
import { dropOver } from '../compact.ts';
import { newTimeBudget } from '../budget.ts';
import { seen } from '../promises/promise-list.ts';
import { callOf, type Call, type PromiseRecord } from '../promises/promise-record.ts';
import { unawaitedNow } from '../promises/promises.ts';
import { siteAt } from '../stacks/sites.ts';
import { isPromiseConstructor, type CallSite } from '../stacks/stack.ts';

/** Whole stacks, 5 to 40 us each: never at the expense of the lines of awaits. */
const budget = newTimeBudget(0.001, 3, 32);
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
  if (unawaitedNow() < (isReaction ? 1 : 2) || (!isReaction && isWellKnown(record.line?.[0])) || !budget.take(nowMs))
    return;
  const startMs = performance.now();
  const executors = stack(DEPTH).filter(isPromiseConstructor).length;
  budget.spent(performance.now() - startMs);
  if (!isReaction) learn(record.line?.[0], executors);
  if (executors === 0) return;
  isAny = true;
  if (!isReaction) calls.set(callOf(record), executors);
  else {
    if (reactions.length >= MAX_REACTIONS) dropOver(reactions, 0, isOver);
    if (reactions.length < MAX_REACTIONS) reactions.push({ record: seen(record), seq: record.seq, executors });
  }
}

const MAX_HOPS = 10;

/** The last of the reactions that follow each other from this one on. */
export function lastReaction(reaction: PromiseRecord): PromiseRecord {
  let last = reaction;
  for (let hops = 0; last.first !== null && hops < MAX_HOPS; hops++) last = last.first;
  return last;
}

/** A reaction that nobody awaits itself. */
export const isMere = ({ chain, line }: PromiseRecord): boolean => (line ?? chain)?.length === 0;

/** Whether anything was ever noted. */
export const hasBeginnings = (): boolean => isAny;

/**
 * How many executors ran when the call suspended in `wait` came to its first await; 0 when none was seen. Where there was no budget for a look, it is what all
 * calls of the function had that were looked at.
 */
export function executorsAround({ call, chain }: PromiseRecord): number {
  const known = call === null ? undefined : (calls.get(call) ?? (call.doubt && calls.get(call.doubt.base)));
  if (known !== undefined && known !== null) return known;
  const site = chain?.[0];
  const usual = site === undefined ? undefined : functions.get(functionAt(site));
  return usual === undefined || usual.executors === MIXED ? 0 : usual.executors;
}

const MAX_FUNCTIONS = 2000;
/** Sometimes with executors, sometimes without. */
const MIXED = -1;

interface Usual {
  executors: number;
  /** How many of its calls came here. */
  calls: number;
}

/** By {@link functionAt}. */
const functions = new Map<string, Usual>();
const keys = new Map<number, string>();

/** File and name of the function that awaits at a site; of one without a name the line. */
function functionAt(site: number): string {
  let key = keys.get(site);
  if (key === undefined) {
    const { frame } = siteAt(site);
    key = frame === undefined ? '' : `${frame.file}\n${frame.function === '' ? frame.line : frame.function}`;
    keys.set(site, key);
  }
  return key;
}

function learn(site: number | undefined, executors: number): void {
  if (site === undefined) return;
  const key = functionAt(site);
  const usual = functions.get(key);
  if (usual === undefined) {
    if (functions.size < MAX_FUNCTIONS) functions.set(key, { executors, calls: 0 });
  } else if (usual.executors !== executors) usual.executors = MIXED;
}

/** So many calls of a function without any executor, and of further ones only each eighth is looked at. */
const WELL_KNOWN = 16;
const LOOKED_AT = 8;

/** Whether calls of the function were never seen below an executor, so that this one need not be looked at. */
function isWellKnown(site: number | undefined): boolean {
  const usual = site === undefined ? undefined : functions.get(functionAt(site));
  return usual?.executors === 0 && ++usual.calls > WELL_KNOWN && usual.calls % LOOKED_AT !== 0;
}

/** Mere reactions made while executors ran that are still pending. */
export function reactionsInside(): readonly Reaction[] {
  reactions = reactions.filter((reaction) => !isOver(reaction));
  return reactions;
}

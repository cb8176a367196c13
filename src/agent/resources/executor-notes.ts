/** Notes which awaits and reactions were made while the executor of a promise ran: what they wait for most likely settles that promise. */
import { dropOver } from '../compact.ts';
import { newTimeBudget } from '../budget.ts';
import { seen } from '../promises/promise-list.ts';
import { callOf, type Call, type Position, type PromiseRecord } from '../promises/promise-record.ts';
import { runningRecord, segmentNow, unawaitedNow } from '../promises/promises.ts';
import { inherited, watchGiven } from './causes.ts';
import { siteAt } from '../stacks/sites.ts';
import { isPromiseConstructor, type CallSite } from '../stacks/stack.ts';

/** Whole stacks, 5 to 40 us each: never at the expense of the lines of awaits. */
const budget = newTimeBudget(0.001, 3, 32);
/** Libraries have callbacks upon callbacks between an executor and what it calls. */
const DEPTH = 40;
const MAX_REACTIONS = 2000;

/** What ran when something began: so many executors, or a function of a package that gives a promise. */
export interface Inside {
  readonly executors: number;
  /** Where the first of it began, of what goes on in a reaction. */
  readonly at?: Position;
  readonly promised?: Promised;
}

/** The promise that a function of a package has given once it has returned. */
interface Promised {
  record: PromiseRecord | null;
  seq: number;
}

/** Calls whose first await was made inside. */
const calls = new WeakMap<Call, Inside>();
let isAny = false;
/** The same of mere reactions. */
let reactions: Reaction[] = [];
const byRecord = new WeakMap<PromiseRecord, Reaction>();

/** A reaction made inside. */
export interface Reaction {
  readonly record: PromiseRecord;
  readonly seq: number;
  readonly inside: Inside;
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
  const going = goingOn();
  if (going !== undefined) {
    note(record, isReaction, going);
    return;
  }
  // An await comes when the call's own promise is there.
  if (unawaitedNow() < (isReaction ? 1 : 2) || (!isReaction && isWellKnown(record.line?.[0])) || !budget.take(nowMs))
    return;
  const startMs = performance.now();
  const executors = stack(DEPTH).filter(isPromiseConstructor).length;
  budget.spent(performance.now() - startMs);
  if (!isReaction) learn(record.line?.[0], executors);
  if (executors > 0) note(record, isReaction, { executors });
}

function note(record: PromiseRecord, isReaction: boolean, inside: Inside): void {
  isAny = true;
  if (!isReaction) {
    calls.set(callOf(record), inside);
    return;
  }
  if (reactions.length >= MAX_REACTIONS) dropOver(reactions, 0, isOver);
  if (reactions.length >= MAX_REACTIONS) return;
  const { segment, seq } = record;
  const reaction = { record: seen(record), seq, inside: { ...inside, at: inside.at ?? { segment, seq } } };
  reactions.push(reaction);
  byRecord.set(record, reaction);
}

/** What the code that runs now goes on with: a function of a package, or what a reaction or callback was made for inside. */
function goingOn(): Inside | undefined {
  if (running !== undefined) {
    if (running.segment === segmentNow()) return running.inside;
    running = undefined;
  }
  const current = isAny ? runningRecord() : null;
  if (current === null) return isGiven ? ofCallback() : undefined;
  const reaction = current.waiters > 0 ? undefined : byRecord.get(current);
  return reaction?.seq === current.seq ? reaction.inside : undefined;
}

function ofCallback(): Inside | undefined {
  const cause = runningRecord() === null ? inherited() : null;
  const inside = cause === null ? undefined : byGiven.get(cause);
  return inside?.promised?.seq === cause?.seq ? inside : undefined;
}

let running: { inside: Inside; segment: number } | undefined;
let isGiven = false;
const byGiven = new WeakMap<PromiseRecord, Inside>();

/** A function of a package begins that most likely gives a promise: what begins within it settles that. To be ended with the promise. */
export function beginPromised(): (record: PromiseRecord | null) => void {
  const promised: Promised = { record: null, seq: 0 };
  const inside: Inside = { executors: 1, promised };
  const outer = running;
  running = { inside, segment: segmentNow() };
  return (record) => {
    running = outer;
    if (record === null) return;
    promised.record = seen(record);
    promised.seq = record.seq;
    byGiven.set(record, inside);
    if (!isGiven) watchGiven(givenNow);
    isGiven = true;
  };
}

/** What a function of a package has given, while that is pending. */
export const stillGiven = ({ record, seq }: Promised): PromiseRecord | undefined =>
  record !== null && record.seq === seq && record.isPending ? record : undefined;

/** The promise that a function of a package has given which goes on now. */
function givenNow(): PromiseRecord | null {
  const promised = goingOn()?.promised;
  return promised === undefined ? null : (stillGiven(promised) ?? null);
}

/** A reaction that nobody awaits itself. */
export const isMere = ({ chain, line }: PromiseRecord): boolean => (line ?? chain)?.length === 0;

/** Whether anything was ever noted. */
export const hasBeginnings = (): boolean => isAny;

/**
 * What ran when the call suspended in `wait` came to its first await; undefined when nothing was seen. Where there was no budget for a look, it is what all
 * calls of the function had that were looked at.
 */
export function insideOf({ call, chain }: PromiseRecord): Inside | undefined {
  const known = call === null ? undefined : (calls.get(call) ?? (call.doubt && calls.get(call.doubt.base)));
  if (known !== undefined && known !== null) return known;
  const site = chain?.[0];
  const usual = site === undefined ? undefined : functions.get(functionAt(site));
  return usual === undefined || usual.executors <= 0 ? undefined : { executors: usual.executors };
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

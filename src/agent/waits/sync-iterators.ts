/** Ties what `for await` over an array, or another synchronous iterable, waits for to the promise in it: V8 subscribes to that one unseen by any hook. */
import { firstPosition } from '../owners/candidates.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { promiseOf } from '../promises/promise-list.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { each, type Steps } from '../tree/slices.ts';
import { MAX_DEPTH } from '../walks/await-chains.ts';
import { byLines, isKnownWait, PassedOn, type Unclaimed } from './subclasses.ts';

/*
 * V8 (Node 20 to 26) makes a promise for each value, awaited right away, and settles it by a reaction of the value's own promise. Nobody is known to wait for that one, so
 * of a call it is not known which promise it returned; yet V8's walker leads on from there to the line of the loop.
 */

/** The newest ones: a probe each. */
const MAX_CANDIDATES = 64;
/** Promises that are looked through for them. */
const MAX_PROMISES = 2000;

/** A promise of which nothing is known but that it was awaited as soon as it was made. */
const mayBeValue = ({ derived, ran, source, first, seq }: PromiseRecord): boolean =>
  !derived && !ran && (source === null || source instanceof PassedOn) && first?.seq === seq + 1;

/** `open`: promises of which it is not known what they wait for, by the lines where they are awaited. */
export function* linkSyncIterators(
  graph: AwaitGraph,
  open: ReadonlyMap<string, readonly PromiseRecord[]>,
): Steps<void> {
  const values = new Map<string, PromiseRecord[]>();
  yield* each([...open], ([key, promises]) => {
    const found = promises.filter((promise) => mayBeValue(promise) && !graph.executors.has(promise));
    for (const { notes } of found) if (notes?.source instanceof PassedOn) notes.source = null;
    if (found.length > 0) values.set(key, found);
  });
  if (values.size === 0) return;
  const calls = new Map<string, PromiseRecord[]>();
  yield* each(graph.awaits, (wait) => {
    const { owner, call, chain, sampled } = wait;
    if (owner !== null || call?.owner || chain === null || chain.length < 2 || sampled) return;
    const key = chain.slice(1).join();
    if (!values.has(key) || graph.likelyOwners.has(wait)) return;
    const known = calls.get(key);
    if (known === undefined) calls.set(key, [wait]);
    else known.push(wait);
  });
  for (const [key, waits] of calls) pair(values.get(key), waits, (value, wait) => graph.settledBy.set(value, wait));
  for (const key of calls.keys()) values.delete(key);
  const candidates = values.size === 0 ? [] : unclaimed(graph);
  if (candidates.length === 0) return;
  for (const [key, promises] of byLines(candidates))
    pair(values.get(key), promises, (value, from) => (value.note().source = new PassedOn(from)));
}

/**
 * Of several loops on one line, each with a promise, it is not known whose is whose: chains that are equal as far as they are known may go on differently. Unless each promise was made only when
 * the loops before its own had begun.
 */
function pair(
  values: readonly PromiseRecord[] = [],
  from: readonly PromiseRecord[],
  tie: (value: PromiseRecord, from: PromiseRecord) => void,
): void {
  if (values.length !== from.length) return;
  const begun = ({ first }: PromiseRecord): number => (first === null ? Infinity : firstPosition(first).seq);
  const made = (promise: PromiseRecord): number => firstPosition(promise).seq;
  const loops = values.toSorted((a, b) => begun(a) - begun(b));
  const sources = from.toSorted((a, b) => made(a) - made(b));
  const pairs = loops.map((value, i) => ({ value, source: sources[i], before: loops[i - 1] }));
  if (pairs.some(({ source, before }) => source === undefined || (before && made(source) < begun(before)))) return;
  for (const { value, source } of pairs) if (source !== undefined && !isOtherLength(value, source)) tie(value, source);
}

/** Whether V8 has told in one run, of the loop's await and of the call that it waits for, that their chains are not the same: eight lines of them are kept. */
function isOtherLength({ first }: PromiseRecord, { notes }: PromiseRecord): boolean {
  const waiter = first?.notes ?? null;
  if (waiter === null || notes === null || waiter.toldIn === 0 || waiter.toldIn !== notes.toldIn) return false;
  return notes.depth - 1 !== waiter.depth && Math.max(notes.depth, waiter.depth) < MAX_DEPTH;
}

/** Promises that nobody is known to wait for, and of which it is known what they wait for. */
function unclaimed(graph: AwaitGraph): Unclaimed[] {
  const { all } = graph.segments;
  const found: Unclaimed[] = [];
  const end = Math.max(0, all.length - MAX_PROMISES);
  for (let i = all.length - 1; i >= end && found.length < MAX_CANDIDATES; i--) {
    const record = all[i];
    if (record === undefined || record.waiters > 0 || !record.isPending) continue;
    const promise = isKnownWait(record, graph) ? promiseOf(record) : undefined;
    if (promise !== undefined) found.push({ record, promise });
  }
  return found;
}

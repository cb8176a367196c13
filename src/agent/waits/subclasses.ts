/** Ties an await of a promise of a class of its own to that promise: `then` of such a class makes promises of which V8 tells no parent. */
import type { Wait } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { isOfOwnClass } from '../promises/own-class.ts';
import { promiseOf } from '../promises/promise-list.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { siteOf } from '../stacks/sites.ts';
import { each, type Steps } from '../tree/slices.ts';
import { awaiters } from '../walks/probe.ts';

/*
 * `await p` and `Promise.race([p])` put a promise of their own before `p` when its constructor is not Promise, and subscribe to `p` by a job (Node 20 to 26). The one they
 * have made and `p` lead V8's walker to the same lines.
 */

const MAX_PROMISES = 500;
const CHAIN_DEPTH = 8;

/** What the promise that it stands for waits for. */
export class PassedOn implements WaitSource {
  readonly fromPromiseFunction = false;
  readonly isStep = true;
  readonly isGuess = true;
  readonly #from: PromiseRecord;

  constructor(from: PromiseRecord) {
    this.#from = from;
  }

  isOver(): boolean {
    return !this.#from.isPending;
  }

  next(): PromiseRecord | null {
    return this.isOver() ? null : this.#from;
  }

  /** That is told by the other. */
  describe(): Wait | undefined {
    return undefined;
  }
}

/** Whether it is known what it waits for. */
export const isKnownWait = (record: PromiseRecord, { executors, elements }: AwaitGraph): boolean =>
  record.source?.isOver() === false || executors.has(record) || elements.has(record);

/** Promises of which it is known what they wait for, but not who waits for them. */
function* unclaimed(graph: AwaitGraph): Steps<Unclaimed[]> {
  const found: Unclaimed[] = [];
  yield* each(graph.segments.all, (record) => {
    if (record.waiters > 0 || !record.isPending || found.length >= MAX_PROMISES) return;
    // `Own.resolve(call())` follows the promise of the call.
    if (!isKnownWait(record, graph) && graph.suspendedIn.get(record)?.link !== true) return;
    const promise = promiseOf(record);
    if (promise !== undefined && isOfOwnClass(promise)) found.push({ record, promise });
  });
  return found;
}

/** A promise that nobody is known to wait for. */
export interface Unclaimed {
  record: PromiseRecord;
  promise: object;
}

/** By the lines to which V8's walker leads from them, as keys of `open`; those that lead to none are left out. */
export function byLines(candidates: readonly Unclaimed[]): Map<string, PromiseRecord[]> {
  const chains = awaiters(
    candidates.map(({ promise }) => promise),
    CHAIN_DEPTH,
  );
  const byChain = new Map<string, PromiseRecord[]>();
  candidates.forEach(({ record }, i) => {
    const key = (chains?.[i] ?? []).map(siteOf).join();
    if (key === '') return;
    const equal = byChain.get(key);
    if (equal === undefined) byChain.set(key, [record]);
    else equal.push(record);
  });
  return byChain;
}

/** Whether a job has subscribed for it to another promise, or to a thenable. */
const stands = ({ ran, link }: PromiseRecord): boolean => ran && !link;

/** `open`: promises of which it is not known what they wait for, by the lines where they are awaited. */
export function* linkSubclasses(graph: AwaitGraph, open: ReadonlyMap<string, readonly PromiseRecord[]>): Steps<void> {
  let isAny = false;
  for (const promises of open.values()) isAny ||= promises.some(stands);
  if (!isAny) return;
  const candidates = yield* unclaimed(graph);
  if (candidates.length === 0) return;
  const byChain = byLines(candidates);
  for (const [key, all] of open) {
    const promises = all.filter(stands);
    // What was likely before may not be so any more.
    for (const { notes } of promises) if (notes?.source instanceof PassedOn) notes.source = null;
    // It is awaited soon after it was made.
    for (const from of byChain.get(key) ?? []) {
      const index = promises.findIndex(({ seq }) => seq > from.seq);
      const [promise] = index < 0 ? [] : promises.splice(index, 1);
      if (promise !== undefined) promise.note().source = new PassedOn(from);
    }
  }
}

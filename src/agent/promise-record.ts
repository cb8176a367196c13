/** What is kept about one pending promise. */
import type { Wait } from '../protocol/agent.ts';

/** One call of an async function, from its second await on: how its awaits find back to the promise the call returned. */
export interface Call {
  /** Segment and number of the first await of the call. */
  segment: number;
  seq: number;
  /** The promise the call returned, once known. */
  owner: PromiseRecord | null;
}

/** What a promise is known to wait for, or how to find out. */
export interface WaitSource {
  /** Made by a function of `node:timers/promises`. */
  readonly fromPromiseFunction: boolean;
  /** Something else may follow before the promise is settled. */
  readonly isStep: boolean;
  /** It has done its part or is gone. */
  isOver(): boolean;
  describe(): Wait | undefined;
}

interface Notes {
  chain: readonly number[] | null;
  sampled: boolean;
  source: WaitSource | null;
}

/**
 * A pending promise. `derived` ones were made by `await p` (V8's throwaway promise) or `p.then()`, with `parent` p; the others are results of async
 * calls, `new Promise` and combinators.
 */
export class PromiseRecord {
  /** Null once settled; weak once it has survived a while. */
  promise: object | WeakRef<object> | null;
  readonly seq: number;
  readonly atMs: number;
  readonly segment: number;
  readonly derived: boolean;
  /** A job of this promise has run: a further one can only mean that it follows another promise. */
  ran = false;
  /** Made when an outer promise was resolved with a promise: it links, nobody waits at a line. */
  link = false;
  waiters = 0;
  parent: PromiseRecord | null = null;
  first: PromiseRecord | null = null;
  call: Call | null = null;
  /** The promise of the async call that this await belongs to, once known for certain. */
  owner: PromiseRecord | null = null;
  prev: PromiseRecord | null = null;
  next: PromiseRecord | null = null;
  notes: Notes | null = null;

  constructor(promise: object, seq: number, atMs: number, segment: number, derived: boolean) {
    this.promise = promise;
    this.seq = seq;
    this.atMs = atMs;
    this.segment = segment;
    this.derived = derived;
  }

  /** Sites of the awaiter chain, innermost first; null until probed. */
  get chain(): readonly number[] | null {
    return this.notes?.chain ?? null;
  }

  /** Only the first site is known, from a stack. */
  get sampled(): boolean {
    return this.notes?.sampled ?? false;
  }

  get source(): WaitSource | null {
    return this.notes?.source ?? null;
  }

  /** What was learnt by looking, made on demand: most promises are gone before anybody looks. */
  note(): Notes {
    return (this.notes ??= { chain: null, sampled: false, source: null });
  }
}

/** What is kept about one pending promise. */
import type { Wait } from '../protocol/agent.ts';
import type { AwaitGraph } from './owners.ts';

/** Where something was made: a segment and a number. */
export interface Position {
  readonly segment: number;
  readonly seq: number;
}

const NONE: readonly Position[] = [];

/** One call of an async function, from its second await on: how its awaits find back to the promise the call returned. */
export class Call {
  /** Segment and number of the first await of the call. */
  readonly segment: number;
  readonly seq: number;
  /** What was resumed may have been no call but a reaction: then one of these was the first await. */
  readonly others: readonly Position[];
  /** How often it went on and awaited again. */
  resumptions = 0;
  #owner: PromiseRecord | null = null;

  constructor(segment: number, seq: number, others: readonly Position[] = NONE) {
    this.segment = segment;
    this.seq = seq;
    this.others = others;
  }

  /** The promise the call returned, once known. */
  get owner(): PromiseRecord | null {
    return validOwner(this.#owner, this.seq);
  }

  set owner(owner: PromiseRecord | null) {
    this.#owner = owner;
  }
}

/** A call's promise is made before its awaits: a younger one is a used record that has become somebody else's. */
export function validOwner(owner: PromiseRecord | null, seq: number): PromiseRecord | null {
  return owner !== null && owner.seq <= seq ? owner : null;
}

/** What a promise is known to wait for, or how to find out. */
export interface WaitSource {
  /** Made by a function of `node:timers/promises`. */
  readonly fromPromiseFunction: boolean;
  /** Something else may follow before the promise is settled. */
  readonly isStep: boolean;
  /** Told by the call that gave the promise: nothing that happens later knows better. */
  readonly isOfCall?: boolean;
  /** It has done its part or is gone. */
  isOver(): boolean;
  /** Who holds it is looked up in `graph`. */
  describe(graph?: AwaitGraph): Wait | undefined;
  /** It is what the promise waits for, whatever is found further on. */
  isWhole?(): boolean;
  /** Another promise that must settle first, as far as the API tells. */
  next?(): PromiseRecord | null;
}

/** A task that a snapshot has shown: what is worth keeping when it ends. Kept with the promise that the call returned. */
export interface TaskMemory {
  call: Call;
  /** Of its latest await that was seen. */
  site: number;
  label: string | undefined;
}

interface Notes {
  readonly starter: Call | PromiseRecord | null;
  chain: readonly number[] | null;
  /** Sites of the code that made the promise, innermost caller first, when such are taken down. */
  started: readonly number[] | null;
  sampled: boolean;
  source: WaitSource | null;
  /** First waiter of a promise that has a parent as well. */
  first: PromiseRecord | null;
  task: TaskMemory | null;
  /** Where its call was suspended at the moment with this number: see suspended.ts. */
  suspendedIn: PromiseRecord | undefined;
  moment: number;
}

/** Bits of {@link PromiseRecord.flags}; above them the number of waiters. */
export const PENDING = 1;
export const DERIVED = 2;
/** A job of this promise has run: a further one can only mean that it follows another promise. */
export const RAN = 4;
/** Made when an outer promise was resolved with a promise: it links, nobody waits at a line. */
export const LINK = 8;
/** `held` is the promise. */
export const HAS_PROMISE = 16;
/** Other files have seen the record: it is never used for another promise. */
export const SEEN = 32;
/** In the list of records that can be used again. */
export const FREE = 64;
/** Its promise was collected while pending. */
export const COLLECTED = 128;
/** Not in the list: the promise it derives from was collected. */
export const UNLISTED = 256;
/** The first promise that a job made, of those that are made by neither `await` nor `then`. */
export const FIRST = 512;
/** `more` are notes. */
export const NOTED = 1024;
export const WAITER = 2048;

/**
 * A pending promise. `derived` ones were made by `await p` (V8's throwaway promise) or `p.then()`, with `parent` p; the others are results of async
 * calls, `new Promise` and combinators. Three of these exist for a typical suspended call, so three fields have two meanings each, told apart by the flags.
 */
export class PromiseRecord {
  seq = 0;
  atMs = 0;
  segment = 0;
  flags = 0;
  /** Derived: the parent. Others: the first waiter. */
  near: PromiseRecord | null = null;
  /** The promise, weak once it has survived a while; of a derived one that nobody waits for, the async call that the await belongs to. */
  held: object | null = null;
  /** The notes; before there are any, what they begin with: the starter. */
  more: Notes | Call | PromiseRecord | null = null;
  /** The list of all records. */
  next: PromiseRecord | null = null;

  get isPending(): boolean {
    return (this.flags & PENDING) !== 0;
  }

  get derived(): boolean {
    return (this.flags & DERIVED) !== 0;
  }

  get ran(): boolean {
    return (this.flags & RAN) !== 0;
  }

  get isFirst(): boolean {
    return (this.flags & FIRST) !== 0;
  }

  get link(): boolean {
    return (this.flags & LINK) !== 0;
  }

  /** Pending promises derived from this one. */
  get waiters(): number {
    return (this.flags / WAITER) | 0;
  }

  get parent(): PromiseRecord | null {
    return this.derived ? this.near : null;
  }

  get first(): PromiseRecord | null {
    return this.derived ? (this.notes?.first ?? null) : this.near;
  }

  get call(): Call | null {
    return this.held instanceof Call ? this.held : null;
  }

  /** The promise of the async call that this await belongs to, once known for certain. */
  get owner(): PromiseRecord | null {
    if (this.held instanceof Call) return this.held.owner;
    return this.held instanceof PromiseRecord ? validOwner(this.held, this.seq) : null;
  }

  set owner(owner: PromiseRecord | null) {
    if (this.held instanceof Call) this.held.owner = owner;
    else if ((this.flags & HAS_PROMISE) === 0) this.held = owner;
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

  /** Of a promise that is not derived: the call, or its promise, whose code made it; or a scope (see scopes.ts). */
  get starter(): Call | PromiseRecord | null {
    return (this.flags & NOTED) === 0 ? (this.more as Call | PromiseRecord | null) : (this.more as Notes).starter;
  }

  get notes(): Notes | null {
    return (this.flags & NOTED) === 0 ? null : (this.more as Notes);
  }

  /** What was learnt by looking, made on demand: most promises are gone before anybody looks. */
  note(): Notes {
    if (this.notes !== null) return this.notes;
    const notes: Notes = {
      starter: this.starter,
      chain: null,
      started: null,
      sampled: false,
      source: null,
      first: null,
      task: null,
      suspendedIn: undefined,
      moment: 0,
    };
    this.more = notes;
    this.flags |= NOTED;
    return notes;
  }
}

/** The call that is, or was until now, suspended in this await; a record made for it, so that it is known from now on. */
export function callOf(wait: PromiseRecord): Call {
  if (wait.call !== null) return wait.call;
  const call = new Call(wait.segment, wait.seq);
  call.owner = wait.owner;
  if ((wait.flags & HAS_PROMISE) === 0) wait.held = call;
  return call;
}

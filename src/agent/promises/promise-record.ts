/** What is kept about one pending promise. */
import type { Wait } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { PENDING, DERIVED, RAN, LINK, HAS_PROMISE, FIRST, NOTED, WAITER } from './flags.ts';

/** Where something was made: a segment and a number. */
export interface Position {
  readonly segment: number;
  readonly seq: number;
}

/** A first await that a call may have had instead, with how often the one that was resumed there had gone on by then. */
export interface OtherBeginning extends Position {
  readonly resumptions: number;
}

/** What was resumed may have been no call but a reaction, or a call that ended: then a new call began there. */
interface Doubt {
  /** Oldest first. */
  readonly others: readonly OtherBeginning[];
  /** The call as it was known before. */
  readonly base: Call;
}

const NONE: readonly OtherBeginning[] = [];

/** One call of an async function, from its second await on: how its awaits find back to the promise the call returned. */
export class Call {
  /** Segment and number of the first await of the call. */
  readonly segment: number;
  readonly seq: number;
  readonly doubt: Doubt | null;
  /** How often it went on and awaited again, since the earliest possible beginning. */
  resumptions = 0;
  #owner: PromiseRecord | null = null;

  constructor(segment: number, seq: number, doubt: Doubt | null = null) {
    this.segment = segment;
    this.seq = seq;
    this.doubt = doubt;
  }

  /** Other possible beginnings. */
  get others(): readonly OtherBeginning[] {
    return this.doubt?.others ?? NONE;
  }

  /** The promise the call returned, once known. */
  get owner(): PromiseRecord | null {
    return validOwner(this.#owner, this.doubt?.others.at(-1)?.seq ?? this.seq);
  }

  set owner(owner: PromiseRecord | null) {
    this.#owner = owner;
    if (owner === null || this.doubt === null) return;
    const { base } = this.doubt;
    if (base.beginsAfter(owner) || base.others.some((other) => isAfter(other, owner))) base.owner ??= owner;
  }

  /** How often it went on and awaited again; of one with several possible beginnings the most, until its promise is known. */
  get wentOn(): number {
    const { owner } = this;
    const begun = owner === null ? undefined : this.others.find((other) => isAfter(other, owner));
    return this.resumptions - (begun?.resumptions ?? 0);
  }

  /** Whether the call with this promise can have had its first await at the (earliest) beginning. */
  beginsAfter(owner: Position): boolean {
    return isAfter(this, owner);
  }
}

/** A call's promise is made in the segment of its first await, before that. */
const isAfter = ({ segment, seq }: Position, owner: Position): boolean => owner.segment === segment && owner.seq <= seq;

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
  /** V8's own function made the promise: it is of no async call, and what it leads to is what was seen last. */
  readonly isOfLoop?: boolean;
  /** A guess, to be replaced by what is found out on looking. */
  readonly isGuess?: boolean;
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
  /** The task's number. */
  id: number;
  call: Call;
  /** Its latest await that was seen, and where. */
  wait: PromiseRecord;
  site: number;
  /** Another promise may be the one that the call returned. */
  inferred: boolean;
  label: string | undefined;
  /** Told by a snapshot that did not know all awaits: the one around it may be unknown, which bears the label. */
  early?: true;
}

interface Notes {
  readonly starter: Call | PromiseRecord | null;
  chain: readonly number[] | null;
  /** The run of ours (see probe.ts) in which V8 has told the chain: those of one run are of one moment. 0 when it comes from elsewhere. */
  toldIn: number;
  /** How long the chain was then, of which `chain` is the beginning. */
  depth: number;
  /** Its line as a stack showed it when it was made, if one was taken: one site or, for a plain `then`, none. For when there is no chain. */
  line: readonly number[] | null;
  /** Sites of the code that made the promise, innermost caller first, when such are taken down. */
  started: readonly number[] | null;
  sampled: boolean;
  source: WaitSource | null;
  /** First waiter of a promise that has a parent as well. */
  first: PromiseRecord | null;
  /** What a snapshot has shown of its call; the await alone, with its `site`, when it is certain and there is no label: an object less for each task. */
  task: TaskMemory | PromiseRecord | null;
  site: number;
  /** Where its call was suspended at the moment with this number: see suspended.ts. */
  suspendedIn: PromiseRecord | undefined;
  moment: number;
  /** Of an await: counted with others at the moment with this number, see plain-tasks.ts. */
  plainAt: number;
}

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
  /** The notes; before there are any, what they begin with: the starter, or of a derived one the first waiter. */
  more: Notes | Call | PromiseRecord | null = null;
  /** The list of all records. */
  next: PromiseRecord | null = null;

  get isPending(): boolean {
    return (this.flags & PENDING) !== 0;
  }

  get derived(): boolean {
    return (this.flags & DERIVED) !== 0;
  }

  /** Of an await or reaction: what it waits for is settled, so that its code goes on at the next chance, or does already. */
  get isReady(): boolean {
    if (!this.derived || !this.isPending) return false;
    // What was settled by then has no record; what was made before there were records is held instead.
    return this.near === null ? (this.flags & HAS_PROMISE) === 0 : !this.near.isPending;
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
    if (!this.derived) return this.near;
    return (this.flags & NOTED) === 0 ? (this.more as PromiseRecord | null) : (this.more as Notes).first;
  }

  /** Of a derived one. */
  setFirst(waiter: PromiseRecord): void {
    if ((this.flags & NOTED) === 0) this.more = waiter;
    else (this.more as Notes).first = waiter;
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

  /** What a stack showed when it was made: at most the first site. */
  get line(): readonly number[] | null {
    return this.notes?.line ?? null;
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
    if ((this.flags & NOTED) !== 0) return (this.more as Notes).starter;
    return this.derived ? null : (this.more as Call | PromiseRecord | null);
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
      toldIn: 0,
      depth: 0,
      line: null,
      started: null,
      sampled: false,
      source: null,
      first: this.derived ? this.first : null,
      task: null,
      site: 0,
      suspendedIn: undefined,
      moment: 0,
      plainAt: 0,
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

/** What a snapshot has shown of the call that returned this promise; its record of the call is made only now where there was none. */
export function memoryOf({ notes, seq }: PromiseRecord): TaskMemory | null {
  const task = notes?.task ?? null;
  if (notes === null || !(task instanceof PromiseRecord)) return task as TaskMemory | null;
  return { id: seq, call: callOf(task), wait: task, site: notes.site, inferred: false, label: undefined };
}

/** Says in which await the call that returned a promise is suspended, at one moment. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import { LargeMap } from '../tree/large.ts';

let moments = 0;

/**
 * A map from promises of calls to awaits. Promises that a snapshot has shown before carry the answer themselves: to enter 100,000 of them into a map anew each
 * time takes longer than all the rest.
 */
export class Suspended {
  readonly #moment = ++moments;
  readonly #others = new LargeMap<PromiseRecord, PromiseRecord>();
  readonly #carriers: PromiseRecord[] = [];

  /** The await, or link, in which the call with this promise is suspended. */
  get(owner: PromiseRecord): PromiseRecord | undefined {
    const { notes } = owner;
    return notes !== null && notes.moment === this.#moment ? notes.suspendedIn : this.#others.get(owner);
  }

  has(owner: PromiseRecord): boolean {
    return this.get(owner) !== undefined;
  }

  set(owner: PromiseRecord, wait: PromiseRecord): void {
    const { notes } = owner;
    if (notes === null || notes.task === null) {
      this.#others.set(owner, wait);
      return;
    }
    if (notes.moment !== this.#moment) this.#carriers.push(owner);
    notes.moment = this.#moment;
    notes.suspendedIn = wait;
  }

  /** Each owner once, with its await. */
  *entries(): Iterable<[PromiseRecord, PromiseRecord]> {
    for (const owner of [...this.#carriers, ...this.#others.keys()]) {
      const wait = this.get(owner);
      if (wait !== undefined) yield [owner, wait];
    }
  }
}

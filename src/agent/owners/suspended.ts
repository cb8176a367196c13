/** Says in which await the call that returned a promise is suspended, at one moment. */
import type { PromiseRecord } from '../promises/promise-record.ts';

let moments = 0;

/**
 * A map from promises of calls to awaits. The promises carry the answer themselves: what a snapshot has shown has notes anyway, and to enter 100,000 of them
 * into a map takes longer than all the rest.
 */
export class Suspended {
  readonly #moment = ++moments;
  readonly #carriers: PromiseRecord[] = [];

  /** The await, or link, in which the call with this promise is suspended. */
  get({ notes }: PromiseRecord): PromiseRecord | undefined {
    return notes !== null && notes.moment === this.#moment ? notes.suspendedIn : undefined;
  }

  has(owner: PromiseRecord): boolean {
    return this.get(owner) !== undefined;
  }

  set(owner: PromiseRecord, wait: PromiseRecord): void {
    const notes = owner.note();
    if (notes.moment !== this.#moment) this.#carriers.push(owner);
    notes.moment = this.#moment;
    notes.suspendedIn = wait;
  }

  /** Each owner once, with its await. */
  *entries(): Iterable<[PromiseRecord, PromiseRecord]> {
    for (const owner of this.#carriers) {
      const wait = this.get(owner);
      if (wait !== undefined) yield [owner, wait];
    }
  }
}

/** Who waits for a turn in a queue that keeps its own list out of reach: the same list once more, in the same order. */
import type { Grant } from './lock.ts';

/** Those taken are left at the beginning of the array until there are so many of them. */
const MAX_TAKEN = 1024;

export class Turns {
  #list: Grant[] = [];
  #taken = 0;
  /** Those put in front of all others, the last one first to go. */
  #front: Grant[] = [];

  push(grant: Grant): void {
    this.#list.push(grant);
  }

  pushFront(grant: Grant): void {
    this.#front.push(grant);
  }

  take(): Grant | undefined {
    const first = this.#front.pop();
    if (first !== undefined || this.#taken >= this.#list.length) return first;
    const grant = this.#list[this.#taken++];
    if (this.#taken > MAX_TAKEN && 2 * this.#taken > this.#list.length) {
      this.#list.splice(0, this.#taken);
      this.#taken = 0;
    }
    return grant;
  }

  /** Empties it; answers who was in it. */
  clear(): Grant[] {
    const all = [...this.#front, ...this.#list.slice(this.#taken)];
    this.#list = [];
    this.#taken = 0;
    this.#front = [];
    return all;
  }
}

/** A lock: each holder's turn begins when the turn before it has ended. */
export class Lock {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` while nobody else holds the lock. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#takeTurn(this.#last, work);
    this.#last = turn;
    return turn;
  }

  async #takeTurn<T>(before: Promise<unknown>, work: () => Promise<T>): Promise<T> {
    try {
      await before;
    } catch {
      // The failure of the turn before belongs to its own caller.
    }
    const result = await work();
    return result;
  }
}

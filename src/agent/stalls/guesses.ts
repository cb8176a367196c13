/** What listed stalls said before they were put down to what others at their step turned out to be, so that it can be taken back. */
import type { Stall } from '../../protocol/agent.ts';

type Before = Pick<Stall, 'stack' | 'after'>;

/** More than are listed at a time: then those that are not listed any more are let go of. */
const MOST = 400;

export class Guesses {
  readonly #guesses = new Map<number, { key: string; before: Before }>();

  get size(): number {
    return this.#guesses.size;
  }

  /** `listed` answers which stalls can still be told again. */
  add({ id, stack, after }: Stall, key: string, listed: () => readonly Stall[]): void {
    if (this.size >= MOST) this.#keep(new Set(listed().map((stall) => stall.id)));
    this.#guesses.set(id, { key, before: { stack, ...(after === true ? { after } : {}) } });
  }

  before(stall: Stall): Before | undefined {
    return this.#guesses.get(stall.id)?.before;
  }

  /** What the stall said before, when it was put down to that key; forgets it. */
  take(stall: Stall, key: string): Before | undefined {
    const found = this.#guesses.get(stall.id);
    if (found?.key !== key) return undefined;
    this.#guesses.delete(stall.id);
    return found.before;
  }

  #keep(listed: ReadonlySet<number>): void {
    for (const id of this.#guesses.keys()) if (!listed.has(id)) this.#guesses.delete(id);
  }
}

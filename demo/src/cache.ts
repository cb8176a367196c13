/** A cache that remembers values for a while and asks only once for a value that several callers want. */
export class Cache<T> {
  readonly #entries = new Map<string, { value: Promise<T>; until: number }>();
  readonly #lifeMs: number;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  /** The remembered value, or the one that `load` gives; a failed load is forgotten. */
  async get(key: string, load: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined && known.until > Date.now()) return await known.value;
    const value = load();
    this.#entries.set(key, { value, until: Date.now() + this.#lifeMs });
    try {
      return await value;
    } catch (error) {
      this.#entries.delete(key);
      throw error;
    }
  }
}

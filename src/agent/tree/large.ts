/** Maps and sets that may get very large: V8 copies a `Map` whenever it has doubled, which at 262,144 entries takes 12 to 60 ms in one go (Node 20 to 26). */

/** So many entries in one `Map`, a power of two: it is copied for the last time at half of them. */
const MOST = 2 ** 17;

/** As a `Map` without `delete`; none of its values is `undefined`. Entries are in the order in which they came. */
export class LargeMap<K, V> {
  #last = new Map<K, V>();
  /** Those that are full. */
  readonly #full: Map<K, V>[] = [];

  get size(): number {
    return this.#full.length * MOST + this.#last.size;
  }

  get(key: K): V | undefined {
    const value = this.#last.get(key);
    if (value !== undefined || this.#full.length === 0) return value;
    return this.#fullWith(key)?.get(key);
  }

  has(key: K): boolean {
    return this.#last.has(key) || (this.#full.length > 0 && this.#fullWith(key) !== undefined);
  }

  set(key: K, value: V): void {
    const full = this.#full.length === 0 ? undefined : this.#fullWith(key);
    if (full !== undefined) {
      full.set(key, value);
      return;
    }
    if (this.#last.size === MOST && !this.#last.has(key)) {
      this.#full.push(this.#last);
      this.#last = new Map();
    }
    this.#last.set(key, value);
  }

  keys(): Iterable<K> {
    return this.#full.length === 0 ? this.#last.keys() : this.#parts().flatMap((part) => [...part.keys()]);
  }

  values(): Iterable<V> {
    return this.#full.length === 0 ? this.#last.values() : this.#parts().flatMap((part) => [...part.values()]);
  }

  #parts(): Map<K, V>[] {
    return [...this.#full, this.#last];
  }

  #fullWith(key: K): Map<K, V> | undefined {
    return this.#full.find((part) => part.has(key));
  }
}

/** As a `Set` without `delete`. */
export class LargeSet<T> {
  readonly #map = new LargeMap<T, true>();

  get size(): number {
    return this.#map.size;
  }

  has(item: T): boolean {
    return this.#map.has(item);
  }

  add(item: T): void {
    this.#map.set(item, true);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#map.keys()[Symbol.iterator]();
  }
}

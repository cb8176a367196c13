/** Remembers in which runs of code the own callback of a scope that carries on (a request with a body) made promises: a reaction made there, `body().then(handle)`, goes on for the same request. */
import type { Scope } from './scopes.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';

const SLOTS = 256;
/** Reactions to the last promise that the callback made. */
const MAX_AFTER = 8;

/* In order of the promises; a slot is used again for the 256th later one. */
const segments = new Float64Array(SLOTS);
const firsts = new Float64Array(SLOTS);
const lasts = new Float64Array(SLOTS);
const scopes = Array.from({ length: SLOTS }, (): Scope | null => null);
let count = 0;

/** Promise number `seq` is made in this segment by the code of a scope. */
export function noteSegment(segment: number, seq: number, scope: Scope): void {
  const latest = (count - 1) & (SLOTS - 1);
  if (segments[latest] === segment && scopes[latest]?.key === scope.key) {
    lasts[latest] = seq;
    return;
  }
  const slot = count++ & (SLOTS - 1);
  segments[slot] = segment;
  firsts[slot] = seq;
  lasts[slot] = seq;
  scopes[slot] = scope;
}

/** The scope whose code made this await or reaction, as far as the order of events tells. */
export function scopeBehind({ segment, seq }: PromiseRecord): Scope | null {
  let from = Math.max(0, count - SLOTS);
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((firsts[middle & (SLOTS - 1)] ?? Infinity) < seq) from = middle + 1;
    else to = middle;
  }
  const slot = (from - 1) & (SLOTS - 1);
  if (from === 0 || segments[slot] !== segment || seq > (lasts[slot] ?? 0) + MAX_AFTER) return null;
  return scopes[slot] ?? null;
}

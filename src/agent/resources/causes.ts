/** Remembers for which promise a tick or resource was made, so that what its callback makes or settles is tied to the same promise. */
import { executionAsyncId } from 'node:async_hooks';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { currentLeaf, recentLeaf } from '../promises/promises.ts';

/*
 * This runs for every tick of the program: a slot for each async id, reused 8192 ids later, and nothing that is allocated. A record is kept with the number
 * it had: with another one, it is another promise's by now.
 */
const SLOTS = 8192;
const ids = new Int32Array(SLOTS);
const seqs = new Int32Array(SLOTS);
const stricts = new Uint8Array(SLOTS);
const leaves = Array.from({ length: SLOTS }, (): PromiseRecord | null => null);

/** Whether the answer of the last {@link causeNow} is strict: no reaction of the promise was made in between. */
export let isStrict = false;

/** A small integer, as {@link noteCause} keeps it. */
export const callbackId = (): number => executionAsyncId() | 0;

/** The promise for which the running tick or callback was queued, while it is pending. */
export function inherited(): PromiseRecord | null {
  const id = callbackId();
  const slot = id & (SLOTS - 1);
  const leaf = leaves[slot];
  if (leaf === undefined || leaf === null || ids[slot] !== id || leaf.seq !== seqs[slot] || !leaf.isPending)
    return null;
  isStrict = stricts[slot] === 1;
  return leaf;
}

/** The promise that the code running now, or a callback it queues, will settle: most likely. Only for use in the same run of code. */
export function causeNow(): PromiseRecord | null {
  const current = currentLeaf();
  if (current !== null) {
    isStrict = true;
    return current;
  }
  const recent = recentLeaf();
  if (recent === null) return inherited();
  isStrict = false;
  return recent;
}

/** The resource with that async id is made for this promise; strict as {@link causeNow} has just said. */
export function noteCause(id: number, leaf: PromiseRecord): void {
  const slot = id & (SLOTS - 1);
  ids[slot] = id | 0;
  seqs[slot] = leaf.seq;
  stricts[slot] = isStrict ? 1 : 0;
  leaves[slot] = leaf;
}

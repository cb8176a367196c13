/**
 * Keeps the newest resources that are known to settle just one promise, as bare numbers: nearly all are over before anybody looks. Those that are not become
 * records of their own when somebody does, or when there is no room left.
 */
import type { PromiseRecord } from '../promises/promise-record.ts';
import type { ResourceRecord } from './resource-record.ts';
import { SettlingRecord } from './settling-record.ts';

const NO_SITES: readonly number[] = [];
const SLOTS = 256;

/*
 * A slot is one place in each of these lists. One object for each slot would be 25 KB in all, of which the next one is never in the processor's caches when a
 * system call lies in between; the numbers of eight slots are next to each other.
 */

/** The promise it settles; null: nothing is kept here. Another number than in `seqs` means another promise: the record was used again. */
const leaves = Array.from({ length: SLOTS }, (): PromiseRecord | null => null);
const seqs = new Float64Array(SLOTS);
const ids = new Float64Array(SLOTS);
const asyncIds = new Float64Array(SLOTS);
const times = new Float64Array(SLOTS);
const types = Array.from({ length: SLOTS }, () => '');
/** A timer; null for a request, which is over when its promise is settled. Held strongly: 256 of Node's own functions at most. */
const targets = Array.from({ length: SLOTS }, (): object | null => null);
const sitesOf = Array.from({ length: SLOTS }, () => NO_SITES);
let last = 0;

/** Told of each that has outlived its place here. */
let onSurvivor: (record: ResourceRecord) => void = () => {};

export function onSurvivors(handler: typeof onSurvivor): void {
  onSurvivor = handler;
}

function clear(slot: number): void {
  leaves[slot] = null;
  targets[slot] = null;
}

/** The promise that a slot is about, while it is pending. */
function pendingIn(slot: number): PromiseRecord | undefined {
  const leaf = leaves[slot];
  return leaf && leaf.seq === seqs[slot] && leaf.isPending ? leaf : undefined;
}

function keep(slot: number): ResourceRecord | undefined {
  const leaf = pendingIn(slot);
  if (leaf === undefined) return undefined;
  const target = targets[slot] as object | null;
  const [id, asyncId, atMs] = [ids[slot], asyncIds[slot], times[slot]] as [number, number, number];
  const [type, sites] = [types[slot], sitesOf[slot]] as [string, readonly number[]];
  // Before anything is called: a request that interrupts this comes here, too.
  clear(slot);
  const record = new SettlingRecord(id, type, leaf, atMs, asyncId, target);
  record.sites = sites;
  // What came later knew of nothing before it that was not over.
  if (leaf.source === null) leaf.note().source = record;
  onSurvivor(record);
  return record;
}

/** `leaf` was made just before the resource, which will settle it for certain. The fields in the order of their types: a call without an object. */
export function noteRecent(
  leaf: PromiseRecord,
  id: number,
  type: string,
  asyncId: number,
  atMs: number,
  target: object | null = null,
  sites: readonly number[] = NO_SITES,
): void {
  const slot = (last + 1) & (SLOTS - 1);
  last = slot;
  if (pendingIn(slot) !== undefined) keep(slot);
  seqs[slot] = leaf.seq;
  ids[slot] = id;
  types[slot] = type;
  asyncIds[slot] = asyncId;
  times[slot] = atMs;
  // Most are requests, and to write an object costs more than to look.
  if (targets[slot] !== target) targets[slot] = target;
  if (sitesOf[slot] !== sites) sitesOf[slot] = sites;
  leaves[slot] = leaf;
}

/** The one noted last, when it is the one that settles this promise: by now it has a record. */
export function keepIfLast(leaf: PromiseRecord): void {
  if (leaves[last] === leaf && seqs[last] === leaf.seq) keep(last);
}

/** A record of the resource with that number, if it is the one noted last. */
export function keepLast(id: number): ResourceRecord | undefined {
  return leaves[last] !== null && ids[last] === id ? keep(last) : undefined;
}

/** From now on there are records of all that are not over, oldest first; the others are forgotten. */
export function keepSurvivors(): void {
  for (let i = 1; i <= SLOTS; i++) {
    const slot = (last + i) & (SLOTS - 1);
    if (leaves[slot] !== null && keep(slot) === undefined) clear(slot);
  }
}

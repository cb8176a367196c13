/**
 * Keeps the newest resources that are known to settle just one promise, as bare numbers: nearly all are over before anybody looks. Those that are not become
 * records of their own when somebody does, or when there is no room left.
 */
import type { PromiseRecord } from '../promises/promise-record.ts';
import type { ResourceRecord } from './resource-record.ts';
import { SettlingRecord } from './settling-record.ts';

interface Recent {
  /** The promise it settles; null: nothing is kept here. Another number than `seq` means another promise: the record was used again. */
  leaf: PromiseRecord | null;
  seq: number;
  id: number;
  type: string;
  asyncId: number;
  atMs: number;
  /** A timer; null for a request, which is over when its promise is settled. Held strongly: 256 of Node's own functions at most. */
  target: object | null;
  sites: readonly number[];
}

const NO_SITES: readonly number[] = [];
const SLOTS = 256;
const slots = Array.from({ length: SLOTS }, (): Recent => ({
  leaf: null,
  seq: 0,
  id: 0,
  type: '',
  asyncId: 0,
  atMs: 0,
  target: null,
  sites: NO_SITES,
}));
let last = 0;

/** Told of each that has outlived its place here. */
let onSurvivor: (record: ResourceRecord) => void = () => {};

export function onSurvivors(handler: typeof onSurvivor): void {
  onSurvivor = handler;
}

function clear(recent: Recent): void {
  recent.leaf = null;
  recent.target = null;
}

const isPending = ({ leaf, seq }: Recent): boolean => leaf?.seq === seq && leaf.isPending;

function keep(recent: Recent): ResourceRecord | undefined {
  if (!isPending(recent)) return undefined;
  const { leaf, id, type, asyncId, atMs, target, sites } = recent;
  if (leaf === null) return undefined;
  // Before anything is called: a request that interrupts this comes here, too.
  recent.leaf = null;
  recent.target = null;
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
  last = (last + 1) & (SLOTS - 1);
  const recent = slots[last] as Recent;
  if (recent.leaf !== null && isPending(recent)) keep(recent);
  recent.leaf = leaf;
  recent.seq = leaf.seq;
  recent.id = id;
  recent.type = type;
  recent.asyncId = asyncId;
  recent.atMs = atMs;
  recent.target = target;
  recent.sites = sites;
}

/** The one noted last, when it is the one that settles this promise: by now it has a record. */
export function keepIfLast(leaf: PromiseRecord): void {
  const recent = slots[last] as Recent;
  if (recent.leaf === leaf && recent.seq === leaf.seq) keep(recent);
}

/** A record of the resource with that number, if it is the one noted last. */
export function keepLast(id: number): ResourceRecord | undefined {
  const recent = slots[last] as Recent;
  return recent.leaf !== null && recent.id === id ? keep(recent) : undefined;
}

/** From now on there are records of all that are not over, oldest first; the others are forgotten. */
export function keepSurvivors(): void {
  for (let i = 1; i <= SLOTS; i++) {
    const recent = slots[(last + i) & (SLOTS - 1)] as Recent;
    if (recent.leaf !== null && keep(recent) === undefined) clear(recent);
  }
}

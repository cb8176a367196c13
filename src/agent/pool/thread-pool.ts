/** Watches libuv's thread pool: who has its threads, who waits for one, and for how long work had to wait so far. */
import { performance } from 'node:perf_hooks';
import type { WaitFacts } from '../../protocol/agent.ts';
import type { PoolState, PoolWork, ThreadPool } from '../../protocol/thread-pool.ts';
import { newTimeBudget } from '../budget.ts';
import { reportFault } from '../faults.ts';
import { readLoop } from '../stalls/loop.ts';
import type { FrameIndex } from '../tree/members.ts';
import { taskId } from '../owners/owners.ts';
import { poolSize } from './pool-jobs.ts';
import { newSaturation, type SaturationFacts, type Wait } from './pool-saturation.ts';
import { shareOut } from './pool-shares.ts';
import { completeItems, itemFacts, poolItems, type PoolItem } from './pool-work.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { ResourceRecord } from '../resources/resource-record.ts';
import { knownResources, settleRecent } from '../resources/resources.ts';
import { siteAt, type Site } from '../stacks/sites.ts';
import { each, type Steps } from '../tree/slices.ts';

/** Equal work, described for later. */
interface Group {
  facts: WaitFacts;
  sites: readonly number[];
  count: number;
  sinceMs: number;
  tasks: Set<number>;
}

interface Described {
  startMs: number;
  waitMs: number;
  atMs: number;
  busy: number;
  waiting: number;
  running: Group[];
  queued: Group[];
}

/** Who awaits a piece of work. */
interface Awaiter {
  sites: readonly number[];
  task: number | undefined;
  /** What the function of Node's was called for that asked for the work. */
  facts: WaitFacts | undefined;
}

/** Looks between snapshots may take so much of the time. */
const budget = newTimeBudget(0.001, 10);
/** Pieces of waiting work that are described. */
const MAX_DESCRIBED = 200;
const MAX_TASKS = 50;
/** From a piece of work up to the program's own await. */
const MAX_HOPS = 50;

const follow = newSaturation<PoolItem>();
let last: SaturationFacts<PoolItem> = { count: 0, totalMs: 0 };
let worst: Described | undefined;
let told = 0;
let inUse = false;
/** Found by snapshots, for work that a later look finds waiting. */
const awaiters = new WeakMap<object, Awaiter>();

type Contents = ReturnType<typeof poolItems>;

/** The threads' work and some of what waits. */
function contents(nowMs: number): Contents {
  settleRecent();
  return poolItems(nowMs, poolSize() + MAX_DESCRIBED);
}

function groupOf(items: readonly PoolItem[]): Group[] {
  const groups = new Map<string, Group>();
  for (const item of items) {
    const awaiter = awaiters.get(item.target);
    const sites = awaiter === undefined ? item.sites : [...item.sites, ...awaiter.sites];
    const facts = awaiter?.facts ?? itemFacts(item, sites);
    const key = `${JSON.stringify(facts)} ${sites.join()}`;
    let group = groups.get(key);
    if (group === undefined)
      groups.set(key, (group = { facts, sites, count: 0, sinceMs: item.sinceMs, tasks: new Set() }));
    group.count++;
    if (awaiter?.task !== undefined && group.tasks.size < MAX_TASKS) group.tasks.add(awaiter.task);
  }
  return [...groups.values()];
}

function described({ running, queued, startMs, waitMs }: Wait<PoolItem>, more: number, atMs: number): Described {
  const sizes = { busy: running.length, waiting: queued.length + more };
  return { startMs, waitMs, atMs, ...sizes, running: groupOf(running), queued: groupOf(queued) };
}

function look({ items, more }: Contents, nowMs: number): void {
  inUse = items.length > 0;
  last = follow({ nowMs, turn: items.length === 0 ? 0 : readLoop().turn, size: poolSize(), items });
  if (last.worst === undefined) return;
  completeItems(items, knownResources());
  worst = described(last.worst, more, nowMs);
  told++;
}

/** Grows when there is more to tell of waits for a thread. */
export function poolActivity(): number {
  return told;
}

/** A look between snapshots; 1 us while nothing is in the pool. */
export function lookAtPool(): void {
  const startMs = performance.now();
  if (!budget.take(startMs)) {
    last = follow({ nowMs: startMs, turn: 0, size: 0, items: undefined });
    return;
  }
  look(contents(startMs), startMs);
  budget.spent(performance.now() - startMs);
}

/** Whether there was something in it at the last look. */
export const isPoolInUse = (): boolean => inUse;

function placeOf({ chain }: PromiseRecord): Site | undefined {
  return chain?.[0] === undefined ? undefined : siteAt(chain[0]);
}

/** The program's await that leads to the promise, and V8's chain of awaits from there on. */
function awaiterOf(leaf: PromiseRecord): Awaiter | undefined {
  const found: Awaiter = { sites: [], task: undefined, facts: undefined };
  let record: PromiseRecord | null = leaf;
  for (let hops = 0; record !== null && hops < MAX_HOPS; hops++) {
    if (record.source?.isOfCall === true) found.facts ??= record.source.describe()?.facts;
    const waiter: PromiseRecord | null = record.first;
    if (waiter === null) break;
    if (waiter.chain !== null && found.sites.length === 0) found.sites = waiter.chain;
    const site = placeOf(waiter);
    if (site?.frame !== undefined && !site.isNodes) return { ...found, task: taskId(waiter) };
    record = waiter.owner ?? (site === undefined ? waiter : null);
  }
  return found.sites.length === 0 ? undefined : found;
}

/** Remembers who awaits the work, as far as `records`, all pending promises, tell. */
function* findAwaiters(items: readonly PoolItem[], records: readonly PromiseRecord[]): Steps<void> {
  const targets = new Map<number, object>();
  for (const { id, target } of items) if (!awaiters.has(target)) targets.set(id, target);
  if (targets.size === 0) return;
  yield* each(records, (leaf) => {
    const { source } = leaf;
    const target = source instanceof ResourceRecord ? targets.get(source.asyncId) : undefined;
    const awaiter = target && awaiterOf(leaf);
    if (target !== undefined && awaiter !== undefined) awaiters.set(target, awaiter);
  });
}

function works(groups: readonly Group[], frameIndex: FrameIndex, atMs: number): PoolWork[] {
  return groups.map(({ facts, sites, count, sinceMs, tasks }) => ({
    facts,
    count,
    ageMs: Math.max(0, Math.round(atMs - sinceMs)),
    frames: sites.map(frameIndex).filter((index) => index !== undefined),
    ...(tasks.size === 0 ? {} : { tasks: [...tasks] }),
  }));
}

function saturation(frameIndex: FrameIndex): Pick<ThreadPool, 'saturation'> {
  if (worst === undefined) return {};
  const { startMs, waitMs, atMs, busy, waiting, running, queued } = worst;
  const state = { busy, waiting, running: works(running, frameIndex, atMs), queued: works(queued, frameIndex, atMs) };
  const times = { startMs: Math.round(startMs), waitMs: Math.round(waitMs) };
  return { saturation: { count: last.count, totalMs: Math.round(last.totalMs), worst: { ...times, ...state } } };
}

function stateOf({ items, more }: Contents, frameIndex: FrameIndex, atMs: number): PoolState {
  const { running, queued } = shareOut(items, poolSize());
  return {
    busy: running.length,
    waiting: queued.length + more,
    running: works(groupOf(running), frameIndex, atMs),
    queued: works(groupOf(queued), frameIndex, atMs),
  };
}

/** The pool at this moment and its history; undefined when there is nothing to tell. To be called when the lines of `records` are known. */
export function* threadPool(records: readonly PromiseRecord[], frameIndex: FrameIndex): Steps<ThreadPool | undefined> {
  try {
    return yield* poolNow(records, frameIndex);
  } catch (error) {
    reportFault('thread pool', error);
    return undefined;
  }
}

function* poolNow(records: readonly PromiseRecord[], frameIndex: FrameIndex): Steps<ThreadPool | undefined> {
  const nowMs = performance.now();
  const inPool = contents(nowMs);
  completeItems(inPool.items, knownResources());
  yield* findAwaiters(inPool.items, records);
  look(inPool, nowMs);
  if (inPool.items.length === 0 && worst === undefined) return undefined;
  return { size: poolSize(), ...stateOf(inPool, frameIndex, nowMs), ...saturation(frameIndex) };
}

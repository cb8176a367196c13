/** Finds locks that will never be given back, because all who have them wait for one another. */
import type { Snapshot } from '../../protocol/agent.ts';
import type { LockFacts } from '../../protocol/lock.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, walkChains } from '../chains.ts';
import { indexHolders, type TaskIndex } from './lock-holders.ts';
import type { Sources } from '../sources.ts';

/** A task at the end of its chain that waits for a lock, and the chain above it, root first. */
export interface LockWait {
  task: ChainTask;
  ancestors: readonly ChainTask[];
  facts: LockFacts & { id: number };
}

/** One that has a lock and waits for the next one of the circle. */
export interface Link {
  holder: ChainTask;
  has: LockFacts;
  wait: LockWait;
}

/** What is stuck for ever. */
export interface Deadlocks {
  /** Each once; of a lock that many may have, all who have it wait for it. */
  circles: Link[][];
  /** All waits for a lock that is stuck, also of those who only queue behind. */
  waits: LockWait[];
}

interface Stuck {
  facts: LockFacts;
  holders: ChainTask[];
}

/** Of the last state. A lock of which not every holder is known is never one. */
export function deadlocksIn(snapshot: Snapshot, sources: Sources): Deadlocks {
  const chains = chainsOf(snapshot, sources);
  const waits = lockWaits(chains);
  if (waits.length === 0) return { circles: [], waits };
  const stuck = stuckLocks(waits, indexHolders(chains));
  const isInVain = ({ facts }: LockWait): boolean => stuck.has(facts.id);
  return { circles: circlesOf(stuck, waits.filter(isInVain)), waits: waits.filter(isInVain) };
}

function lockWaits(chains: readonly ChainTask[]): LockWait[] {
  const waits: LockWait[] = [];
  walkChains(chains, (task, ancestors) => {
    const facts = lockOf(task);
    if (facts !== undefined) waits.push({ task, ancestors, facts });
  });
  return waits;
}

/** A wait that a signal can end is none for ever. */
function lockOf({ wait, children }: ChainTask): (LockFacts & { id: number }) | undefined {
  if (children.length > 0 || wait?.confidence !== 'exact' || wait.facts.abort !== undefined) return undefined;
  const { facts } = wait;
  return facts.kind === 'lock' && facts.id !== undefined ? { ...facts, id: facts.id } : undefined;
}

/** What is left when every lock is taken out that somebody may yet give back. */
function stuckLocks(waits: readonly LockWait[], index: TaskIndex): Map<number, Stuck> {
  const stuck = new Map<number, Stuck>();
  for (const { facts } of waits) {
    const holders = allHolders(facts, index);
    if (holders !== undefined) stuck.set(facts.id, { facts, holders });
  }
  for (let before = -1; before !== stuck.size;) {
    before = stuck.size;
    for (const [id, { holders }] of stuck) {
      if (!holders.every((holder) => isStuck(holder, stuck))) stuck.delete(id);
    }
  }
  return stuck;
}

/** Undefined unless nothing of it is free and each task that has a part of it is known. */
function allHolders(
  { lock, holders = [], allHolders: isComplete, inUse, size, paused }: LockFacts,
  index: TaskIndex,
): ChainTask[] | undefined {
  const isFull = lock === 'mutex' || (inUse !== undefined && size !== undefined && inUse >= size);
  if (!isFull || isComplete !== true || paused === true) return undefined;
  const tasks = holders.map((id) => index.get(id)).filter((task) => task !== undefined);
  return tasks.length < holders.length ? undefined : [...new Set(tasks)];
}

function isStuck(task: ChainTask, stuck: ReadonlyMap<number, unknown>): boolean {
  const { children, node } = task;
  if (task.cycle !== undefined) return false;
  if (children.length === 0) {
    const lock = lockOf(task);
    return lock !== undefined && stuck.has(lock.id);
  }
  const isOneEnough = node.combinator === 'all' || node.combinator === 'allSettled';
  return isOneEnough
    ? children.some((child) => isStuck(child, stuck))
    : children.every((child) => isStuck(child, stuck));
}

function circlesOf(stuck: ReadonlyMap<number, Stuck>, waits: readonly LockWait[]): Link[][] {
  const circles = new Map<string, Link[]>();
  for (const start of [...stuck.keys()].toSorted((a, b) => a - b)) {
    const path = new Map<number, Link>();
    let id = start;
    while (!path.has(id)) {
      const link = linkOf(stuck.get(id), waits);
      if (link === undefined) break;
      path.set(id, link);
      id = link.wait.facts.id;
    }
    const ids = [...path.keys()];
    const circle = ids.slice(ids.indexOf(id));
    const key = circle.toSorted((a, b) => a - b).join(' ');
    const links = circle.map((each) => path.get(each)).filter((link) => link !== undefined);
    if (path.has(id) && !circles.has(key)) circles.set(key, links);
  }
  return [...circles.values()];
}

/** One of those who have it, and what that one waits for. */
function linkOf(lock: Stuck | undefined, waits: readonly LockWait[]): Link | undefined {
  for (const holder of lock?.holders ?? []) {
    const wait = waits.find(({ task, ancestors }) => task === holder || ancestors.includes(holder));
    if (lock !== undefined && wait !== undefined) return { holder, has: lock.facts, wait };
  }
  return undefined;
}

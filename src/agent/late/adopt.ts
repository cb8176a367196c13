/** Takes in promises that were pending before the agent came: records for them, and for the awaits that a heap has told of. */
import type { LatePlan } from '../../protocol/late.ts';
import { guarded } from '../faults.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { DERIVED, FREE, HAS_PROMISE, LINK, PENDING, SEEN, UNLISTED, WAITER } from '../promises/flags.ts';
import { holdPromise, promiseOf, takeRecord } from '../promises/promise-list.ts';
import { Call, PromiseRecord, type Position } from '../promises/promise-record.ts';
import { forget, reservePositions } from '../promises/promises.ts';
import { PromiseStamp } from '../promises/stamp.ts';
import type { ResourceRecord } from '../resources/resource-record.ts';
import { combinatorSite, siteOfFrame } from '../stacks/sites.ts';
import { forgetBefore } from './numbers.ts';

/** Awaits and links: V8 made no promise for them, so that no hook will tell when they are over. */
let waits: PromiseRecord[] = [];
/** All records made, for when nothing tells that they are over. */
let adopted: PromiseRecord[] = [];

/** Drops the awaits whose promise has settled: their functions have gone on. To be called before each look at all promises. */
export function retireAwaits(): void {
  if (waits.length === 0) return;
  waits = waits.filter((wait) => {
    if (wait.near?.isPending === true) return true;
    forget(wait);
    return false;
  });
}

/** Forgets all that was adopted or held: without hooks nothing has told what is over by now. */
export function forgetAdopted(): void {
  forgetHeld();
  for (const record of waits) forget(record);
  for (const record of adopted) {
    const promise = promiseOf(record);
    if (promise !== undefined) PromiseStamp.clear(promise);
    forget(record);
  }
  waits = [];
  adopted = [];
  holders.clear();
  forgetBefore();
}

/** Promises that a suspended call can settle, with the promise which that call returned. */
const holders = new Map<PromiseRecord, PromiseRecord>();

/** Adds to what is known of promises where they most likely come to their end: the awaits of the calls that hold what settles them. */
export function addHolders({ executors, suspendedIn }: Pick<AwaitGraph, 'executors' | 'suspendedIn'>): void {
  for (const [promise, call] of holders) {
    const wait = promise.isPending && call.isPending ? suspendedIn.get(call) : undefined;
    if (wait === undefined) holders.delete(promise);
    else if (!executors.has(promise)) executors.set(promise, [wait]);
  }
}

/** Stands for promises of which no heap has told yet, so that their end is noticed. */
const held = new Set<PromiseRecord>();
/** Whose records these are; the inspector keeps the list. */
let holding: WeakRef<readonly object[]> | undefined;

/** From now on it is noticed when one of them settles. Those that the hooks have recorded are left as they are. */
export function holdPromises(promises: readonly object[]): void {
  forgetHeld();
  holding = new WeakRef(promises);
  for (const promise of promises) guarded('held promise', () => hold(promise), undefined);
}

function hold(promise: object): void {
  const known = PromiseStamp.get(promise);
  // One that is not listed was held for somebody whose connection ended.
  if (known?.isPending === true && (known.flags & UNLISTED) === 0) return;
  const record = new PromiseRecord();
  record.flags = PENDING | SEEN | UNLISTED;
  if (known === undefined) void new PromiseStamp(promise, record);
  else PromiseStamp.replace(promise, record);
  held.add(record);
}

/** For when no heap tells of them. */
export function forgetHeld(): void {
  for (const promise of holding?.deref() ?? []) unstamp(promise);
  held.clear();
  holding = undefined;
}

function unstamp(promise: object): void {
  const record = PromiseStamp.get(promise);
  if (record !== undefined && held.has(record)) noteSettled(promise);
}

/** For when there are no hooks: told of each promise that settles. */
export function noteSettled(promise: object): void {
  const record = PromiseStamp.get(promise);
  if (record === undefined) return;
  record.flags &= ~PENDING;
  PromiseStamp.clear(promise);
}

/** Records of resources by the index of the plan; undefined for those that are not listed. */
export type Adopted = readonly (ResourceRecord | undefined)[];

/** Adopts what the plan tells of promises that are held, as if made at that time. */
export function adoptPromises(promises: readonly object[], plan: LatePlan, resources: Adopted, atMs: number): void {
  const { awaits, reactions, elements, settledBy, heldBy } = plan;
  let { seq, segment } = reservePositions(2 * (promises.length + awaits.length + reactions.length + elements.length));

  function number(record: PromiseRecord, flags: number, at = segment++, as = seq++): PromiseRecord {
    record.seq = as;
    record.atMs = atMs;
    record.segment = at;
    record.flags |= flags | PENDING | SEEN;
    return record;
  }

  const records = new Map<number, PromiseRecord>();
  /** That of a promise that is still pending; `derived`: made by `then`. */
  function recordOf(index: number, derived = false): PromiseRecord | undefined {
    const known = records.get(index);
    if (known !== undefined) return known;
    const promise = promises[index];
    const record = promise === undefined ? undefined : PromiseStamp.get(promise);
    if (promise === undefined || record?.isPending !== true) return undefined;
    records.set(index, record);
    if (!held.delete(record)) return record;
    number(record, derived ? DERIVED : 0);
    holdPromise(record, promise);
    adopted.push(record);
    return record;
  }

  /** Makes `wait` wait for `on`, as promises.ts does. */
  function attach(wait: PromiseRecord, on: PromiseRecord, promise: object): void {
    wait.near = on;
    const isFirst = on.flags < WAITER;
    on.flags += WAITER;
    if (!isFirst) return;
    if (!on.derived) on.near = wait;
    else {
      holdPromise(on, promise);
      on.setFirst(wait);
    }
  }

  /** What waits for a promise; undefined where the hooks know it. `own`: what V8 made for it because there were hooks, or a debugger. */
  function newWait(on: number, flags: number, place?: Position, own?: number): PromiseRecord | undefined {
    const awaited = recordOf(on);
    const promise = promises[on];
    if (awaited === undefined || promise === undefined) return undefined;
    const known = own === undefined ? undefined : PromiseStamp.get(promises[own] ?? promise);
    if (known !== undefined && !held.has(known)) {
      if (known.near !== null || !known.isPending) return undefined;
      known.flags &= ~HAS_PROMISE;
      known.held = null;
      attach(known, awaited, promise);
      return known;
    }
    const wait = number(takeRecord(), DERIVED | flags, place?.segment, place?.seq);
    wait.flags &= ~FREE;
    attach(wait, awaited, promise);
    waits.push(wait);
    return wait;
  }

  // What comes first has the lower numbers: promises, elements right behind their combinator's, then what waits for them.
  const derived = new Set(reactions.filter(({ follows }) => follows !== true).map(({ to }) => to));
  const combinators = new Map<number, LatePlan['elements']>();
  for (const element of elements) {
    const known = combinators.get(element.of);
    if (known === undefined) combinators.set(element.of, [element]);
    else known.push(element);
  }
  const isOther = (index: number | undefined): index is number =>
    index !== undefined && !derived.has(index) && !combinators.has(index);
  for (const { on } of [...awaits, ...reactions, ...elements]) if (isOther(on)) recordOf(on);
  for (const { of } of awaits) if (isOther(of)) recordOf(of);
  for (const { to, follows } of reactions) if (follows === true && isOther(to)) recordOf(to);
  const behind = new Map<number, number>();
  /** What is not an await, with its site. */
  const unreached = new Map<PromiseRecord, number | undefined>();
  for (const [of, parts] of combinators) {
    if (recordOf(of) === undefined) continue;
    behind.set(of, seq);
    seq += parts.length;
  }
  for (const { on, to, follows } of reactions) {
    if (follows === true) continue;
    const awaited = recordOf(on, derived.has(on));
    const made = recordOf(to, true);
    if (awaited === undefined || made?.near !== null) continue;
    attach(made, awaited, promises[on] as object);
    unreached.set(made, undefined);
  }
  for (const [of, parts] of combinators) {
    const target = recordOf(of);
    if (target === undefined) continue;
    for (const [i, { on, combinator }] of parts.entries()) {
      const element = newWait(on, 0, { segment: target.segment, seq: (behind.get(of) ?? 0) + i });
      if (element !== undefined) unreached.set(element, combinatorSite(combinator));
    }
  }
  for (const { on, to, follows } of reactions) {
    const outer = follows === true ? recordOf(to) : undefined;
    const link = outer === undefined ? undefined : newWait(on, LINK);
    if (link === undefined || outer === undefined) continue;
    const call = new Call(link.segment, link.seq);
    call.owner = outer;
    link.held = call;
  }
  for (const { on, of, own, frame } of awaits) {
    const wait = newWait(on, 0, undefined, own);
    if (wait === undefined) continue;
    if (of !== undefined) wait.owner = recordOf(of) ?? null;
    if (frame !== undefined) noteSites(wait, [siteOfFrame(frame)]);
  }
  for (const [wait, site] of unreached) {
    if (wait.waiters === 0 && (wait.near?.waiters ?? 0) > 1) noteSites(wait, site === undefined ? [] : [site]);
  }
  for (const { promise, resource, exact } of settledBy) {
    const record = recordOf(promise);
    const source = resources[resource];
    if (record === undefined || source === undefined || record.source !== null) continue;
    record.note().source = source;
    if (exact === true) source.exact = true;
  }
  for (const { promise, by } of heldBy) {
    const [record, call] = [recordOf(promise), recordOf(by)];
    if (record !== undefined && call !== undefined) holders.set(record, call);
  }
  forgetHeld();
}

/** Where V8's walk does not lead, because others wait for the same promise. */
function noteSites(wait: PromiseRecord, sites: readonly number[]): void {
  const notes = wait.note();
  notes.chain = sites;
  notes.sampled = true;
}

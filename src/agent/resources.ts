/** Lists timers, handles and requests through `async_hooks`: the only file that uses `createHook`, and without its destroy hook, which would cost most. */
import asyncHooks from 'node:async_hooks';
import type { Wait } from '../protocol/agent.ts';
import { newBudget } from './budget.ts';
import { calibrateTimers, describeResource, isAlive, isOneShot } from './resource-facts.ts';
import {
  coarseNow,
  currentLeaf,
  expectLeaf,
  newSegment,
  promiseHooks,
  refreshClock,
  type PromiseRecord,
  type WaitSource,
} from './promises.ts';
import { masked } from './probe.ts';
import { siteOf } from './sites.ts';
import { captureCallSites, type CallSite } from './stack.ts';
import { newStamp } from './stamp.ts';

/** A live object that can wake the program. */
export class ResourceRecord implements WaitSource {
  readonly id: number;
  readonly type: string;
  readonly atMs: number;
  readonly target: WeakRef<object>;
  /** Where it was made, innermost first; empty when the budget for stacks was spent. */
  sites: number[] = [];
  /** The promise made by the executor in which this was made. */
  cause: PromiseRecord | null;
  exact = false;
  done = false;

  constructor(id: number, type: string, target: object, atMs: number, cause: PromiseRecord | null) {
    this.id = id;
    this.type = type;
    this.target = new WeakRef(target);
    this.atMs = atMs;
    this.cause = cause;
  }

  describe(): Wait | undefined {
    const target = this.target.deref();
    if (this.done || target === undefined || !isAlive(this.type, target)) return undefined;
    return {
      facts: describeResource(this.type, target, this.sites),
      confidence: this.exact ? 'exact' : 'inferred',
      resource: this.id,
    };
  }
}

const stamp = newStamp<ResourceRecord>();
/** Ticks carry only the promise they were queued for. */
const tickStamp = newStamp<PromiseRecord>();
/** Stacks of resources: about 5 us each, at most 0.25 % of the time. */
const budget = newBudget(500, 500);
const STACK_DEPTH = 16;
const COMPACT_EVERY = 4096;
const IGNORED = new Set([
  'PROMISE',
  'Microtask',
  'HTTPINCOMINGMESSAGE',
  'HTTPSERVERREQUEST',
  'WRITEWRAP',
  'SHUTDOWNWRAP',
  'DNSCHANNEL',
]);

let records: ResourceRecord[] = [];
let made = 0;
/** The promise for which the running tick or callback was queued. */
let inherited: PromiseRecord | null = null;

function leafNow(): PromiseRecord | null {
  return currentLeaf() ?? (inherited !== null && inherited.promise !== null ? inherited : null);
}

const isPromiseConstructor = (site: CallSite): boolean =>
  site.getFileName() === null && site.getFunctionName() === 'Promise';

/** `emitInit` of async_hooks itself lies on top of every stack taken in a hook. */
const isShown = (site: CallSite): boolean => site.getFileName() !== 'node:internal/async_hooks';

/** Ties the promise whose executor runs now, or for which this tick was queued, to what will settle it; `replace` an earlier tie or keep it. */
export function linkLeaf(source: WaitSource, replace: boolean): void {
  const leaf = leafNow();
  if (leaf !== null && (leaf.source === null || replace)) leaf.note().source = source;
}

/** Node's promise functions that make a resource next to their promise, not in an executor (`Promise.withResolvers`). */
const PROMISE_MODULES = /^node:(?:timers\/promises|internal\/(?:fs|dns)\/promises)/;
/** Node's own timers, such as a socket's time-out: they settle nothing that the program awaits. */
const TIMER_MODULES = /^node:(?:internal\/)?timers/;

/**
 * Whether a resource made with this stack settles the promise made just before: certainly when an executor is on the stack, not at all when the stack
 * shows none, likely when there was no budget for a stack.
 */
function tie(type: string, sites: readonly CallSite[] | undefined, leaf: PromiseRecord): 'exact' | 'inferred' | 'none' {
  if (sites === undefined) return leaf === currentLeaf() && type !== 'Timeout' ? 'inferred' : 'none';
  const caller = sites.find((site) => !TIMER_MODULES.test(site.getFileName() ?? ''))?.getFileName() ?? '';
  if (sites.some((site) => PROMISE_MODULES.test(site.getFileName() ?? ''))) return 'exact';
  if (type === 'Timeout' && caller.startsWith('node:')) return 'none';
  if (leaf !== currentLeaf()) return 'inferred';
  return sites.some(isPromiseConstructor) ? 'exact' : 'none';
}

/** Node makes the promise of a request right after the request that will settle it (src/node_file-inl.h, `FSReqPromise`). */
function adoptRequest(promise: PromiseRecord, record: ResourceRecord): void {
  record.exact = true;
  promise.note().source = record;
}

function init(_id: number, type: string, _trigger: number, target: object): void {
  if (IGNORED.has(type)) return;
  const leaf = leafNow();
  if (type === 'TickObject') {
    if (leaf !== null) tickStamp.put(target, leaf);
    return;
  }
  if (stamp.get(target) !== undefined) return;
  const record = new ResourceRecord(++made, type, target, coarseNow(), leaf);
  stamp.put(target, record);
  records.push(record);
  if (made % COMPACT_EVERY === 0) liveResources();
  const sites = budget.take(coarseNow()) ? captureCallSites(STACK_DEPTH).filter(isShown) : undefined;
  if (sites !== undefined) record.sites = sites.filter((site) => site.getFileName() !== null).map(siteOf);
  if (type === 'FSREQPROMISE') {
    expectLeaf((promise) => adoptRequest(promise, record));
  } else if (leaf !== null && leaf.source === null) {
    const tied = tie(type, sites, leaf);
    if (tied !== 'none') leaf.note().source = record;
    record.exact = tied === 'exact';
  }
}

function before(): void {
  newSegment();
  refreshClock();
  const target = asyncHooks.executionAsyncResource();
  inherited = tickStamp.get(target) ?? stamp.get(target)?.cause ?? null;
}

function after(): void {
  const record = stamp.get(asyncHooks.executionAsyncResource());
  if (record !== undefined && isOneShot(record.type)) record.done = true;
  inherited = null;
  newSegment();
}

/** A write to a handle: the promise whose executor runs waits for the other side's answer, most likely. */
export function touch(handle: object): void {
  const record = stamp.get(handle);
  if (record !== undefined) linkLeaf(record, false);
}

/** Records whose object is still alive, oldest first. */
export function liveResources(): ResourceRecord[] {
  records = records.filter((record) => {
    const target = record.target.deref();
    return !record.done && target !== undefined && isAlive(record.type, target);
  });
  return records;
}

export function resourceActivity(): number {
  return made;
}

/**
 * Before Node 24 `createHook` also turns promise tracking on: a slower hook for each promise, and `console.log(promise)` would print its async id. The
 * binding takes our hooks instead; when the program uses AsyncLocalStorage or a hook of its own, Node installs the full list again, ours included.
 */
function bypassPromiseTracking(): void {
  const { noDeprecation } = process;
  try {
    process.noDeprecation = true;
    const { binding } = process as unknown as {
      binding(name: string): { setPromiseHooks?(...hooks: unknown[]): void };
    };
    const { init: onInit, before: onBefore, after: onAfter, settled } = promiseHooks;
    binding.call(process, 'async_wrap').setPromiseHooks?.(onInit, onBefore, onAfter, settled);
  } finally {
    if (noDeprecation === undefined) delete (process as { noDeprecation?: boolean }).noDeprecation;
    else process.noDeprecation = noDeprecation;
  }
}

/** Starts recording; call after `startPromises`. Resources made before are unknown. */
export function startResources(): void {
  calibrateTimers();
  const callbacks = { init, before, after, trackPromises: false };
  masked(() => asyncHooks.createHook(callbacks).enable());
  if (Number.parseInt(process.versions.node, 10) < 24) bypassPromiseTracking();
}

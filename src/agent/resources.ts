/**
 * Lists timers, handles and requests through `async_hooks`: the only file that uses `createHook`. Only with its init hook: `destroy` would cost most, and
 * `before` and `after` (like `executionAsyncResource`) put a frame of Node's on the stack of every error thrown in a callback.
 */
import asyncHooks from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import type { WaitFacts } from '../protocol/agent.ts';
import { newTimeBudget, type TimeBudget } from './budget.ts';
import { reportFault } from './faults.ts';
import { calibrateTimers, isAlive, isListed, isRef } from './resource-facts.ts';
import { ResourceRecord } from './resource-record.ts';
import type { PromiseRecord, WaitSource } from './promise-record.ts';
import { coarseNow, currentLeaf, promiseHooks, promiseOf, recentLeaf, refreshClock } from './promises.ts';
import { awaiters, masked } from './probe.ts';
import { siteOf } from './sites.ts';
import { callSitesBelow, captureCallSites, type CallSite } from './stack.ts';
import { ResourceStamp } from './stamp.ts';
import { runningFileCall } from './waits/files.ts';
import { noteResource } from './user-labels.ts';

/** The promise for which something was made; not `strict` when reactions of the promise had been made in between. */
interface Cause {
  leaf: PromiseRecord;
  strict: boolean;
}

/** For ticks and resources on their way, by async id: the promise they were made for. */
const causes = new Map<number, Cause>();
const MAX_CAUSES = 4096;
/** Stacks cost 5 to 50 us each: at most 1 % of the time to tie promises to resources, 0.2 % for origins alone. */
const tieBudget = newTimeBudget(0.01, 50);
const originBudget = newTimeBudget(0.002, 20);
const STACK_DEPTH = 12;
/** `emitInitNative` and `emitInitScript`. */
const HOOK_FRAMES = 2;
const COMPACT_EVERY = 4096;
const IGNORED = new Set([
  'PROMISE',
  'Microtask',
  'HTTPINCOMINGMESSAGE',
  'HTTPSERVERREQUEST',
  'WRITEWRAP',
  'SHUTDOWNWRAP',
  'DNSCHANNEL',
  'TCPCONNECTWRAP',
  'PIPECONNECTWRAP',
]);

let records: ResourceRecord[] = [];
let made = 0;
let latest: ResourceRecord | undefined;
let compactAt = COMPACT_EVERY;
/** Async id of the callback in which a function of `node:timers/promises` was called that makes its timer now. */
let promiseTimer: number | undefined;

/** A small integer: the Map looks those up faster than Node's doubles. */
const callbackId = (): number => asyncHooks.executionAsyncId() | 0;

/** The promise for which the running tick or callback was queued. */
function inherited(): Cause | null {
  if (causes.size === 0) return null;
  const cause = causes.get(callbackId());
  return cause !== undefined && cause.leaf.isPending ? cause : null;
}

/** The promise that the code running now, or a callback it queues, will settle: most likely. */
function causeNow(): Cause | null {
  const current = currentLeaf();
  if (current !== null) return { leaf: current, strict: true };
  const recent = recentLeaf();
  return recent === null ? inherited() : { leaf: recent, strict: false };
}

function noteCause(id: number, cause: Cause): void {
  if (causes.size >= MAX_CAUSES) forgetOldCauses();
  causes.set(id | 0, cause);
}

/** Ticks run soon or never; what is old has run. */
function forgetOldCauses(): void {
  let left = MAX_CAUSES / 4;
  for (const id of causes.keys()) {
    if (left-- <= 0) return;
    causes.delete(id);
  }
}

function leafNow(): PromiseRecord | null {
  const current = currentLeaf();
  if (current !== null) return current;
  const cause = causeNow();
  return cause !== null && isWorkedOn(cause) ? cause.leaf : null;
}

/** A promise that an async function awaits as it is was passed on by then; one wrapped by `then` or `catch` is still being worked on. */
function isWorkedOn({ leaf, strict }: Cause): boolean {
  if (!leaf.isPending) return false;
  if (strict || leaf.first === null || leaf.first.waiters > 0) return true;
  const promise = promiseOf(leaf);
  return promise !== undefined && tieBudget.take(coarseNow()) && awaiters([promise], 1)[0]?.length === 0;
}

/** A request is only a step on the way, such as a look-up before the connection. */
function isFree({ source }: PromiseRecord): boolean {
  return source === null || source.isStep || source.isOver();
}

const isPromiseConstructor = (site: CallSite): boolean =>
  site.getFileName() === null && site.getFunctionName() === 'Promise';

/** `emitInit` of async_hooks itself lies on top of every stack taken in a hook. */
const isShown = (site: CallSite): boolean => site.getFileName() !== 'node:internal/async_hooks';

/** Ties the promise whose executor runs now, or for which this tick was queued, to what will settle it; `replace` an earlier tie or keep it. */
export function linkLeaf(source: WaitSource, replace: boolean): void {
  const leaf = leafNow();
  if (leaf !== null && (isFree(leaf) || (replace && leaf.source?.isOfCall !== true))) leaf.note().source = source;
}

/** Whether the executor of a promise is on the stack; false when there is no budget left to look. */
export function isInExecutor(): boolean {
  return tieBudget.take(coarseNow()) && captureCallSites(STACK_DEPTH).some(isPromiseConstructor);
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
  if (isTimer(type) && isPromiseTimer()) return 'exact';
  if (sites === undefined) return leaf === currentLeaf() && !isTimer(type) ? 'inferred' : 'none';
  const caller = sites.find((site) => !TIMER_MODULES.test(site.getFileName() ?? ''))?.getFileName() ?? '';
  if (sites.some((site) => PROMISE_MODULES.test(site.getFileName() ?? ''))) return 'exact';
  if (isTimer(type) && caller.startsWith('node:')) return 'none';
  if (leaf !== currentLeaf()) return 'inferred';
  return sites.some(isPromiseConstructor) ? 'exact' : 'none';
}

/** The next timer of this callback settles the promise made with it. */
export function expectPromiseTimer(): void {
  promiseTimer = callbackId();
}

const isPromiseTimer = (): boolean => promiseTimer === callbackId();
const isTimer = (type: string): boolean => type === 'Timeout' || type === 'Immediate';

/** Node makes the promise of a request right before the request that will settle it (src/node_file-inl.h, `FSReqPromise::New`, Node 20 to 26). */
function adoptRequest(record: ResourceRecord): void {
  const promise = currentLeaf();
  if (promise === null) return;
  record.exact = true;
  promise.note().source = record;
}

/** What is done about resources of one type. */
interface Treatment {
  ignored: boolean;
  listed: boolean;
}

const treatments = new Map<string, Treatment>();

function treatmentOf(type: string): Treatment {
  let treatment = treatments.get(type);
  if (treatment === undefined) {
    treatments.set(type, (treatment = { ignored: IGNORED.has(type), listed: isListed(type) }));
  }
  return treatment;
}

/** Where this resource is made, as far as the budget allows. */
function origin(budget: TimeBudget, nowMs: number): CallSite[] | undefined {
  if (!budget.take(nowMs)) return undefined;
  const start = performance.now();
  const sites = callSitesBelow(init, STACK_DEPTH + HOOK_FRAMES).filter(isShown);
  budget.spent(performance.now() - start);
  return sites;
}

/** A timer of Node's own, such as a socket's time-out, one for each request: only the program's are made to keep the process alive, at first. */
const isNodesTimer = (type: string, target: object): boolean =>
  type === 'Timeout' && !isPromiseTimer() && !isRef(target);

/** Node ends the process when a hook throws. */
function init(id: number, type: string, _trigger: number, target: object): void {
  try {
    add(id, type, target);
  } catch (error) {
    reportFault('resource', error);
  }
}

function add(id: number, type: string, target: object): void {
  const { ignored, listed } = treatmentOf(type);
  if (ignored) return;
  noteResource(id, type);
  const cause = causeNow();
  if (cause !== null) noteCause(id, cause);
  if (type === 'TickObject' || (cause === null && !listed) || isNodesTimer(type, target)) return;
  if (ResourceStamp.get(target) !== undefined) return;
  const now = refreshClock();
  const leaf = leafNow();
  const resource = new ResourceRecord(++made, type, target, now, id);
  latest = resource;
  void new ResourceStamp(target, resource);
  if (listed) records.push(resource);
  if (records.length >= compactAt) compactAt = 2 * liveResources().length + COMPACT_EVERY;
  const sites = origin(leaf === null || isPromiseTimer() ? originBudget : tieBudget, now);
  if (sites !== undefined) resource.sites = sites.filter((site) => site.getFileName() !== null).map(siteOf);
  if (type === 'FSREQCALLBACK') resource.call = runningFileCall() ?? callOf(leaf);
  if (type === 'FSREQPROMISE') {
    adoptRequest(resource);
  } else if (leaf !== null && isFree(leaf)) {
    const tied = isGoingOn(resource, leaf) ? 'exact' : tie(type, sites, leaf);
    if (tied !== 'none') leaf.note().source = resource;
    resource.exact = tied === 'exact';
    resource.fromPromiseFunction = isPromiseTimer();
  }
  if (isTimer(type)) promiseTimer = undefined;
}

/** An operation on a file takes several requests, each made in the callback of the one before. */
function callOf(leaf: PromiseRecord | null): WaitFacts | undefined {
  return leaf?.source instanceof ResourceRecord ? leaf.source.call : undefined;
}

/** Whether this is a further request of the call that is known to settle the promise. */
function isGoingOn({ call }: ResourceRecord, { source }: PromiseRecord): boolean {
  return call !== undefined && source instanceof ResourceRecord && source.exact && source.call === call;
}

/** A write to a handle: the promise whose executor runs waits for the other side's answer, most likely. */
export function touch(handle: object): void {
  const record = ResourceStamp.get(handle);
  if (record !== undefined) linkLeaf(record, false);
}

/** Oldest first; the objects of some may be gone or closed. */
export function knownResources(): readonly ResourceRecord[] {
  return records;
}

/** Records whose object is still alive, oldest first. */
export function liveResources(): ResourceRecord[] {
  records = records.filter((record) => {
    const target = record.target.deref();
    return target !== undefined && isAlive(record.type, target);
  });
  return records;
}

/** What the callback that runs now belongs to, and the promise it is likely to settle; nothing while a promise's reaction runs. */
export function runningCallback(): { resource?: ResourceRecord; cause?: PromiseRecord } {
  const id = asyncHooks.executionAsyncId();
  const resource = records.find(({ asyncId }) => asyncId === id);
  const cause = inherited()?.leaf;
  return { ...(resource === undefined ? {} : { resource }), ...(cause === undefined ? {} : { cause }) };
}

/** The one made last. */
export function lastResource(): ResourceRecord | undefined {
  return latest;
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
  const callbacks = { init, trackPromises: false };
  masked(() => asyncHooks.createHook(callbacks).enable());
  if (Number.parseInt(process.versions.node, 10) < 24) bypassPromiseTracking();
}

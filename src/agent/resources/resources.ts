/**
 * Lists timers, handles and requests through `async_hooks`: the only file that uses `createHook`. Only with its init hook: `destroy` would cost most, and
 * `before` and `after` (like `executionAsyncResource`) put a frame of Node's on the stack of every error thrown in a callback.
 */
import asyncHooks from 'node:async_hooks';
import type { WaitFacts } from '../../protocol/agent.ts';
import { causeNow, inherited, noteCause } from './causes.ts';
import { dropOver } from '../compact.ts';
import { guarded, reportFault } from '../faults.ts';
import { lookAtCrowds } from '../growth/listener-growth.ts';
import { onStirring, onTick } from '../promises/looks.ts';
import { masked } from '../walks/probe.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { seen } from '../promises/promise-list.ts';
import { currentLeaf, promiseHooks, refreshClock } from '../promises/promises.ts';
import { noteTie } from './tied-inside.ts';
import { keepLast, keepSurvivors, noteRecent, onSurvivors } from './recent.ts';
import { isFileJob, isPoolType, notePoolWork, noteRead } from '../pool/pool-jobs.ts';
import { calibrateTimers, isListed, isRef } from './resource-facts.ts';
import { ResourceRecord } from './resource-record.ts';
import { carryScope } from '../names/scopes.ts';
import { ResourceStamp } from '../promises/stamp.ts';
import { endPromiseTimer, isFree, isPromiseTimer, isTimer, leafNow, linkLeaf, originOf, tie } from './ties.ts';
import { countPromiseTimer, countTimer } from '../growth/timer-growth.ts';
import { runningFileCall } from '../waits/files.ts';
import { isNodesType, noteResource } from '../names/user-labels.ts';
import { learnWarningTick, noteTick } from '../growth/warnings.ts';

const COMPACT_EVERY = 256;
const LATELY = 64;
const IGNORED = new Set([
  'PROMISE',
  'FILEHANDLE',
  'Microtask',
  'HTTPINCOMINGMESSAGE',
  'HTTPSERVERREQUEST',
  'WRITEWRAP',
  'SHUTDOWNWRAP',
  'DNSCHANNEL',
  'TCPCONNECTWRAP',
  'PIPECONNECTWRAP',
]);

/**
 * Node makes their promise right before them: src/node_file-inl.h, `FSReqPromise::New`, and src/node_file.cc, `FileHandle::ClosePromise` (Node 20 to 26). That
 * of another handle, a directory say, is like any other.
 */
const PROMISE_REQUESTS = new Set(['FSREQPROMISE', 'FILEHANDLECLOSEREQ']);

const records: ResourceRecord[] = [];
/** How many of them have been looked at again. */
let lookedAt = 0;
let made = 0;
let latest: ResourceRecord | undefined;
let compactAt = COMPACT_EVERY;

/** What is done about resources of one type. */
interface Treatment {
  ignored: boolean;
  listed: boolean;
  /** Settles a promise made just before. */
  ofPromise: boolean;
  isNodes: boolean;
  ofPool: boolean;
  /** The program's own, or bound to what runs now (body parsers do so): for the request that made it. */
  carries: boolean;
}

const MAX_TREATMENTS = 1000;
const treatments = new Map<string, Treatment>();

function treatmentOf(type: string): Treatment {
  let treatment = treatments.get(type);
  if (treatment === undefined) {
    const [ignored, ofPromise] = [IGNORED.has(type), PROMISE_REQUESTS.has(type)];
    const isNodes = isNodesType(type);
    const carries = !isNodes || type.startsWith('bound-');
    treatment = { ignored, listed: isListed(type), ofPromise, isNodes, ofPool: isPoolType(type), carries };
    // Programs can make up types without end.
    if (treatments.size < MAX_TREATMENTS) treatments.set(type, treatment);
  }
  return treatment;
}

/** A timer of Node's own, such as a socket's time-out, one for each request: only the program's are made to keep the process alive, at first. */
const isNodesTimer = (type: string, target: object): boolean => type === 'Timeout' && !isRef(target);

/** Node ends the process when a hook throws. */
function init(id: number, type: string, _trigger: number, target: object): void {
  try {
    if (onStirring !== null) onStirring();
    if (type === 'TickObject') addTick(id, target);
    else add(id, type, target);
  } catch (error) {
    reportFault('resource', error);
  }
}

/** By far the most frequent. */
function addTick(id: number, target: object): void {
  lookAtCrowds();
  noteTick(target);
  if (onTick !== null) onTick();
  carryScope(id);
  const cause = causeNow();
  if (cause !== null) noteCause(id, cause);
}

function add(id: number, type: string, target: object): void {
  const { ignored, listed, ofPromise, isNodes, ofPool, carries } = treatmentOf(type);
  lookAtCrowds();
  if (ignored || ((ofPromise || (ofPool && isOfReadFile(type, target))) && noteRequest(id, type))) return;
  if (ofPool) notePoolWork(id, type, target);
  const ofTimer = isTimer(type) && isPromiseTimer();
  if (ofTimer) endPromiseTimer();
  if (ofTimer && noteTimer(id, type, target)) return;
  if (carries) carryScope(id);
  if (!isNodes) noteResource(id, type);
  const cause = causeNow();
  if (cause !== null) noteCause(id, cause);
  if ((cause === null && !listed) || (!ofTimer && isNodesTimer(type, target))) return;
  if (ResourceStamp.get(target) !== undefined) return;
  addRecord(id, type, target, listed, ofTimer);
}

/** Whether `fs.promises.readFile` makes it, in the executor of a promise of its own; `fs.readFile` makes such a job, too (lib/fs.js and lib/internal/fs/promises.js, Node 26). */
const isOfReadFile = (type: string, target: object): boolean =>
  isFileJob(type, target) && runningFileCall() === undefined;

/** Its promise was made just before. */
function noteRequest(id: number, type: string): boolean {
  const leaf = currentLeaf();
  if (leaf !== null) noteRecent(leaf, ++made, type, id, refreshClock());
  return leaf !== null;
}

/** That of a function of `node:timers/promises`, made in the executor of its promise. */
function noteTimer(id: number, type: string, target: object): boolean {
  const leaf = currentLeaf();
  if (leaf === null || leaf.source !== null) return false;
  const now = refreshClock();
  const origin = originOf(init, now, 'spare');
  noteRecent(leaf, ++made, type, id, now, target, origin && countPromiseTimer(origin.sites));
  return true;
}

function addRecord(id: number, type: string, target: object, listed: boolean, ofTimer: boolean): void {
  const now = refreshClock();
  const leaf = leafNow();
  const resource = new ResourceRecord(++made, type, target, now, id);
  latest = resource;
  void new ResourceStamp(target, resource);
  if (listed) list(resource);
  const origin = originOf(init, now, leaf === null || ofTimer ? 'list' : 'tie');
  if (origin !== undefined) resource.sites = origin.sites;
  if (origin !== undefined && type === 'Timeout') countTimer(resource);
  if (type === 'FSREQCALLBACK') resource.call = runningFileCall() ?? callOf(leaf);
  if (leaf === null || !isFree(leaf)) return;
  const tied = ofTimer || isGoingOn(resource, leaf) ? 'exact' : tie(type, origin, leaf);
  if (tied !== 'none') leaf.note().source = resource;
  if (tied === 'exact') noteTie(leaf, resource);
  resource.isTied = tied !== 'none';
  resource.exact = tied === 'exact';
  resource.fromPromiseFunction = ofTimer;
}

/** Most are over soon: those made lately are looked at again before the list grows by them. */
function list(resource: ResourceRecord): void {
  records.push(resource);
  if (records.length >= compactAt) {
    drop(0);
    compactAt = 2 * records.length + COMPACT_EVERY;
  } else if (records.length - lookedAt >= LATELY) drop(lookedAt);
}

const isOver = (record: ResourceRecord): boolean => record.isOver();

function drop(from: number): void {
  dropOver(records, from, isOver);
  lookedAt = records.length;
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

/** Gives all that are not over a record of their own; those that are are forgotten. */
export function settleRecent(): void {
  keepSurvivors();
}

/** Oldest first; the objects of some may be gone or closed. */
export function knownResources(): readonly ResourceRecord[] {
  keepSurvivors();
  return records;
}

/** What the callback that runs now belongs to, and the promise it is likely to settle; nothing while a promise's reaction runs. */
export function runningCallback(): { resource?: ResourceRecord; cause?: PromiseRecord } {
  keepSurvivors();
  const id = asyncHooks.executionAsyncId();
  const resource = records.find(({ asyncId }) => asyncId === id);
  const cause = seen(inherited());
  return { ...(resource === undefined ? {} : { resource }), ...(cause === null ? {} : { cause }) };
}

/** The one made last. */
export function lastResource(): ResourceRecord | undefined {
  return keepLast(made) ?? latest;
}

export function resourceActivity(): number {
  return made;
}

interface HookBinding {
  setPromiseHooks?(...hooks: unknown[]): void;
}

/** Node's own interface to its hooks. Throws under the permission model. */
function hookBinding(): HookBinding {
  // With --no-deprecation it is true and can't be written.
  const { noDeprecation } = process;
  try {
    if (noDeprecation !== true) process.noDeprecation = true;
    return (process as unknown as { binding(name: string): HookBinding }).binding('async_wrap');
  } finally {
    if (noDeprecation === undefined) delete (process as { noDeprecation?: boolean }).noDeprecation;
    else if (!noDeprecation) process.noDeprecation = noDeprecation;
  }
}

/** A record of what was made before any were, at a time given to all such. */
export function adoptResource(type: string, target: object, atMs: number): ResourceRecord {
  const resource = new ResourceRecord(++made, type, target, atMs, 0);
  void new ResourceStamp(target, resource);
  if (isListed(type)) list(resource);
  return resource;
}

/** Starts recording; call after `startPromises`. Resources made before are unknown. */
export function startResources(): void {
  calibrateTimers();
  onSurvivors((record) => {
    if (record.id >= (latest?.id ?? 0)) latest = record;
    list(record);
    noteRead(record);
  });
  const callbacks = { init, trackPromises: false };
  enableHook(asyncHooks.createHook(callbacks));
  learnWarningTick();
}

function enableHook(hook: asyncHooks.AsyncHook): void {
  const enable = (): void => masked(() => void hook.enable());
  if (Number.parseInt(process.versions.node, 10) >= 24) return enable();
  // Before Node 24 `createHook` also turns promise tracking on: a slower hook for each promise, and `console.log(promise)` would print its async id. The
  // binding takes our hooks instead; when the program uses AsyncLocalStorage or a hook of its own, Node installs the full list again, ours included.
  const binding = guarded('resources', hookBinding, undefined);
  if (binding === undefined) return;
  enable();
  const { init: onInit, before: onBefore, after: onAfter, settled } = promiseHooks;
  binding.setPromiseHooks?.(onInit, onBefore, onAfter, settled);
}

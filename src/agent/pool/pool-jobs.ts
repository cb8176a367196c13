/** Knows the work that is given to libuv's thread pool and that Node has no list of: cryptography, compression, whole files (Node 26). */
import { performance } from 'node:perf_hooks';
import type { WaitFacts } from '../../protocol/waits.ts';
import { newTimeBudget } from '../budget.ts';
import { refreshClock } from '../promises/clock.ts';
import type { ResourceRecord } from '../resources/resource-record.ts';
import { siteOf } from '../stacks/sites.ts';
import { captureCallSites } from '../stacks/stack.ts';
import { className, own, ownBySymbol } from '../waits/objects.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

/** `async_hooks` types of cryptographic work (Node 20 to 26) and what the program calls it. */
const APIS: Partial<Record<string, string>> = {
  PBKDF2REQUEST: 'crypto.pbkdf2',
  SCRYPTREQUEST: 'crypto.scrypt',
  ARGON2REQUEST: 'crypto.argon2',
  RANDOMBYTESREQUEST: 'crypto.randomBytes',
  RANDOMPRIMEREQUEST: 'crypto.generatePrime',
  CHECKPRIMEREQUEST: 'crypto.checkPrime',
  KEYPAIRGENREQUEST: 'crypto.generateKeyPair',
  KEYGENREQUEST: 'crypto.generateKey',
  KEYEXPORTREQUEST: 'crypto.subtle.exportKey',
  DERIVEBITSREQUEST: 'crypto.hkdf',
  HASHREQUEST: 'crypto.subtle.digest',
  CIPHERREQUEST: 'crypto.subtle.encrypt',
  SIGNREQUEST: 'crypto.sign',
  VERIFYREQUEST: 'crypto.verify',
};
/** These have no synchronous form; from Node 26 on they have no callback either, but a promise. */
const NEVER_SYNCHRONOUS = /^(?:HASH|CIPHER|KEYEXPORT)REQUEST$/;
const ZLIB = 'ZLIB';
const FILE = 'FSREQCALLBACK';
/** Requests that Node itself lists (`process._getActiveRequests`). */
const LISTED = [FILE, 'FSREQPROMISE', 'FILEHANDLECLOSEREQ', 'GETADDRINFOREQWRAP', 'GETNAMEINFOREQWRAP'];
/** All types of work for the pool; false for those that Node lists. */
const IS_JOB = new Map<string, boolean>([
  ...LISTED.map((type) => [type, false] as const),
  ...[ZLIB, ...Object.keys(APIS)].map((type) => [type, true] as const),
]);

/** One piece of work, or an object that gives some now and then. */
export interface PoolJob {
  /** Async id, or a little more than that of what was made before it got new work. */
  order: number;
  readonly type: string;
  readonly target: WeakRef<object>;
  readonly sites: readonly number[];
  /** When its work was given to the pool, as far as known. */
  sinceMs: number;
  /** Input of the compression that was under way at the last look. */
  input: WeakRef<object> | undefined;
  /** A look has found it without work. */
  idle: boolean;
}

/** A stack is 5 to 50 us: at most 0.1 % of the time. */
const budget = newTimeBudget(0.001, 5);
const STACK_DEPTH = 12;
const DEFAULT_SIZE = 4;
/** libuv's limit (1.46 to 1.52). */
const MAX_SIZE = 1024;
const COMPACT_EVERY = 256;

let size: number | undefined;
let jobs: PoolJob[] = [];
let compactAt = COMPACT_EVERY;
/** The last one made: whether it runs in the pool shows only after its start. Held until the next one or the next look. */
let latest: { id: number; type: string; target: object; sinceMs: number; sites: number[] } | undefined;

/** As libuv reads it at the first use: with `atoi`; none is one. */
function sizeSetting(): number {
  const text = process.env['UV_THREADPOOL_SIZE'];
  if (text === undefined) return DEFAULT_SIZE;
  const number = Number.parseInt(text, 10) || 0;
  return number < 0 ? MAX_SIZE : Math.min(Math.max(number, 1), MAX_SIZE);
}

/** Threads of the pool. */
export function poolSize(): number {
  return size ?? sizeSetting();
}

/** What a wait for such work is about; undefined for resources of other types. */
export function jobFacts(type: string, target: object): WaitFacts | undefined {
  const api = type === ZLIB ? zlibApi(target) : APIS[type];
  return api === undefined ? undefined : { kind: 'thread-pool', api };
}

/** `zlib.gzip` of a `Gzip`. */
function zlibApi(handle: object): string {
  const name = className(ownBySymbol(handle, 'owner_symbol'));
  return name === undefined ? 'zlib' : `zlib.${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}

/** Work of a synchronous call has no callback and does not run in the pool. */
function keepLatest(): void {
  if (latest === undefined) return;
  const { id, type, target, sinceMs, sites } = latest;
  latest = undefined;
  if (!('ondone' in target) && type !== ZLIB && !NEVER_SYNCHRONOUS.test(type)) return;
  jobs.push({ order: id, type, target: new WeakRef(target), sites, sinceMs, input: undefined, idle: false });
  if (jobs.length < compactAt) return;
  jobs = jobs.filter(isOpen);
  compactAt = 2 * jobs.length + COMPACT_EVERY;
}

/** Whether resources of that type are, or give, work for the pool that Node has no list of, at times. Asked at the first of each type: libuv reads the size then. */
export function isPoolType(type: string): boolean {
  if (IS_JOB.has(type)) size ??= sizeSetting();
  return type === FILE || IS_JOB.get(type) === true;
}

/** Whether it is the one job by which a whole file is read, with the type of a request (`ReadFileJob`, from Node 26 on). */
export const isFileJob = (type: string, target: object): boolean => type === FILE && 'run' in target;

/** The reading of whole files for promises (Node 26): known by the records of what settles these alone. */
let reads: ResourceRecord[] = [];
let readsCompactAt = COMPACT_EVERY;

const isGoingOn = (record: ResourceRecord): boolean => record.live() !== undefined;

/** A record is made of something that settles a promise. */
export function noteRead(record: ResourceRecord): void {
  if (record.type !== FILE) return;
  reads.push(record);
  if (reads.length >= readsCompactAt) readsCompactAt = 2 * fileReads().length + COMPACT_EVERY;
}

/** Those that are going on, of which there are records. */
export function fileReads(): readonly ResourceRecord[] {
  if (reads.length > 0) reads = reads.filter(isGoingOn);
  return reads;
}

/** Called with every other resource of such a type that is made. */
export function notePoolWork(id: number, type: string, target: object): void {
  if (type === FILE && !isFileJob(type, target)) return;
  keepLatest();
  const sinceMs = refreshClock();
  latest = { id, type, target, sinceMs, sites: placeNow(sinceMs) };
}

function placeNow(nowMs: number): number[] {
  if (!budget.take(nowMs)) return [];
  const start = performance.now();
  const sites = captureCallSites(STACK_DEPTH).filter((site) => site.getFileName() !== null);
  const places = sites.filter((site) => site.getFileName() !== 'node:internal/async_hooks').map(siteOf);
  budget.spent(performance.now() - start);
  return places;
}

/** The native object behind a request is given up when its work is back (`AsyncWrap`, Node 20 to 26). */
function isBack(target: object): boolean {
  const { getAsyncId } = target as { getAsyncId?: unknown };
  return typeof getAsyncId !== 'function' || apply(getAsyncId, target, []) === -1;
}

/** Whether it is a job of the pool that is not back yet. */
export function isJobAtWork(target: object): boolean {
  return 'run' in target && !isBack(target);
}

/** Whether more can be expected of it. */
function isOpen({ type, target }: PoolJob): boolean {
  const object = target.deref();
  if (object === undefined) return false;
  if (type !== ZLIB) return !isBack(object);
  const owner = ownBySymbol(object, 'owner_symbol');
  return owner === undefined || own(owner, '_handle') === object;
}

/** Compression has its input while it is at work; a new input is new work. */
function isAtWork(job: PoolJob, target: object, nowMs: number, newest: number): boolean {
  if (job.type !== ZLIB) return true;
  const input = own(target, 'buffer');
  if (typeof input !== 'object' || input === null) {
    job.idle = true;
    job.input = undefined;
    return false;
  }
  if (job.input?.deref() === input) return true;
  if (job.idle || job.input !== undefined) {
    job.sinceMs = nowMs;
    job.order = newest + 0.5;
  }
  job.idle = false;
  job.input = new WeakRef(input);
  return true;
}

/** What is in the pool, of the work that Node has no list of; `newest`: the highest async id of the rest of the work. */
export function poolJobs(nowMs: number, newest: number): { job: PoolJob; target: object }[] {
  keepLatest();
  if (jobs.length === 0) return [];
  jobs = jobs.filter(isOpen);
  const last = jobs.reduce((highest, { order }) => Math.max(highest, order), newest);
  const found: { job: PoolJob; target: object }[] = [];
  for (const job of jobs) {
    const target = job.target.deref();
    if (target !== undefined && isAtWork(job, target, nowMs, last)) found.push({ job, target });
  }
  return found;
}

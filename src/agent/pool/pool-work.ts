/** Lists what is in libuv's thread pool now, and what each piece of it is about. */
import type { WaitFacts } from '../../protocol/waits.ts';
import { fileReads, jobFacts, poolJobs } from './pool-jobs.ts';
import { describeResource, isStreamRead } from '../resources/resource-facts.ts';
import type { ResourceRecord } from '../resources/resource-record.ts';
import { ResourceStamp } from '../promises/stamp.ts';
import { className } from '../waits/objects.ts';

/** One piece of work. */
export interface PoolItem {
  /** Its async id, which grows in the order in which things are made. */
  id: number;
  target: object;
  type: string;
  /** When it was given to the pool, as far as known; milliseconds. */
  sinceMs: number;
  /** A look-up of a host name: only half of the threads take those. */
  slow: boolean;
  sites: readonly number[];
}

/** Classes of the requests that go to the pool, with their `async_hooks` types. */
const TYPES: Partial<Record<string, string>> = {
  FSReqCallback: 'FSREQCALLBACK',
  FSReqPromise: 'FSREQPROMISE',
  FileHandleCloseReq: 'FILEHANDLECLOSEREQ',
  GetAddrInfoReqWrap: 'GETADDRINFOREQWRAP',
  GetNameInfoReqWrap: 'GETNAMEINFOREQWRAP',
};
const SLOW = ['GETADDRINFOREQWRAP', 'GETNAMEINFOREQWRAP'];

/** Types by the prototype of the request; undefined for what does not go to the pool. */
const types = new Map<object | null, string | undefined>();
/** When requests were seen first of which no record tells when they were made. */
let firstSeen = new Map<number, number>();

function activeRequests(): object[] {
  const { _getActiveRequests: read } = process as unknown as { _getActiveRequests?: () => object[] };
  return (read?.call(process) ?? []).filter((request) => !isStreamRead(request));
}

function typeOf(request: object): string | undefined {
  const prototype = Object.getPrototypeOf(request) as object | null;
  const known = types.get(prototype);
  if (known !== undefined || types.has(prototype)) return known;
  const type = TYPES[className(request) ?? ''];
  types.set(prototype, type);
  return type;
}

function requestItem(target: object, type: string, nowMs: number, seen: Map<number, number>): PoolItem {
  const id = (target as { getAsyncId(): number }).getAsyncId();
  const record = ResourceStamp.get(target);
  const sinceMs = record?.atMs ?? firstSeen.get(id) ?? nowMs;
  if (record === undefined) seen.set(id, sinceMs);
  return { id, target, type, sinceMs, slow: SLOW.includes(type), sites: record?.sites ?? [] };
}

/** What was made before something else is at least as old. */
function correctTimes(items: readonly PoolItem[]): void {
  let next = Infinity;
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i] as PoolItem;
    if (firstSeen.has(item.id)) item.sinceMs = Math.min(item.sinceMs, next);
    next = Math.min(item.sinceMs, next);
  }
}

/** Completes what is known of requests by the records of the resources, which do not know them by their object. */
export function completeItems(items: readonly PoolItem[], known: readonly ResourceRecord[]): void {
  const isMissing = ({ id, sites }: PoolItem): boolean => firstSeen.has(id) || sites.length === 0;
  const missing = new Map(items.filter(isMissing).map((item) => [item.id, item]));
  if (missing.size === 0) return;
  for (const record of known) {
    const item = missing.get(record.asyncId);
    if (item === undefined || record.live() === undefined) continue;
    item.sites = record.sites;
    item.sinceMs = record.atMs;
    if (firstSeen.has(item.id)) firstSeen.set(item.id, record.atMs);
  }
}

/** The work of this thread that is in the pool, in the order in which it was given to it: the first `limit` pieces, and how many there are beyond. */
export function poolItems(nowMs: number, limit: number): { items: PoolItem[]; more: number } {
  const seen = new Map<number, number>();
  const items: PoolItem[] = [];
  let count = 0;
  // Node lists them in order.
  for (const target of activeRequests()) {
    const type = typeOf(target);
    if (type === undefined) continue;
    if (count++ < limit) items.push(requestItem(target, type, nowMs, seen));
  }
  firstSeen = seen;
  const newest = items.at(-1)?.id ?? 0;
  const reads = fileReads();
  // The record stands for the job, of which nothing else is kept.
  for (const target of reads) {
    const { asyncId: id, type, atMs: sinceMs, sites } = target;
    items.push({ id, target, type, sinceMs, slow: false, sites });
  }
  count += reads.length;
  for (const { job, target } of poolJobs(nowMs, Math.max(newest, reads.at(-1)?.asyncId ?? 0))) {
    const { order: id, type, sinceMs } = job;
    const sites = ResourceStamp.get(target)?.sites ?? job.sites;
    items.push({ id, target, type, sinceMs, slow: false, sites: sites.length > 0 ? sites : job.sites });
    count++;
  }
  items.sort((a, b) => a.id - b.id);
  correctTimes(items);
  return { items: items.slice(0, limit), more: Math.max(0, count - limit) };
}

/** What the work is about; `sites` where it was asked for or is awaited. */
export function itemFacts({ type, target }: PoolItem, sites: readonly number[]): WaitFacts {
  return jobFacts(type, target) ?? ResourceStamp.get(target)?.facts(target) ?? describeResource(type, target, sites);
}

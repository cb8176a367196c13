/** Notes awaits of promises that were collected while pending: nobody can settle them any more, and the code behind them never runs. */
import { seen, watchOrphans } from './promise-list.ts';
import type { PromiseRecord } from './promise-record.ts';
import { proofOf } from './proved-awaits.ts';
import { reportFault } from '../faults.ts';
import { siteAt } from '../stacks/sites.ts';

/** Awaits of one chain of lines. */
interface Dead {
  /** Frames only, innermost first. */
  sites: readonly number[];
  count: number;
  /** The latest of them. */
  latest: PromiseRecord[];
  /** Nobody who awaited the call has gone on, as far as this await tells: see {@link isAbandoned}. */
  isAwaited: boolean;
  /** Chains of those who wait for its calls, by key, where V8's chain does not lead to them: several wait for one call. */
  behind: Map<string, readonly number[]>;
}

const NOWHERE = -1;
/** So many of one chain are watched further on. */
const MAX_LATEST = 100;
const MAX_CHAINS = 200;
/** Of one chain so many others that wait for it are told. */
const MAX_BEHIND = 20;
const MAX_DEPTH = 100;
/** Of more that are collected between two snapshots the rest is not told. */
const MAX_NEW = 10_000;

/** So many are looked at again, because others at their line may be the awaits and not they. */
const MAX_OPEN = 100;

const byChain = new Map<string, Dead>();
/** Lines whose awaits are dead. */
const deadSites = new Set<number>();
const met = new WeakSet<PromiseRecord>();
/** By the promise of a call: its await of a promise that was collected. */
const deadCalls = new WeakMap<PromiseRecord, PromiseRecord>();
let news: PromiseRecord[] = [];

/** `record` waits for a promise that was collected. */
function meet(record: PromiseRecord): void {
  if (news.length >= MAX_NEW || met.has(record)) return;
  met.add(seen(record));
  if (!record.ran && !record.link) news.push(record);
}

const isFrame = (site: number): boolean => siteAt(site).frame !== undefined;

/** A stack taken at an await is at the awaited expression, V8's walk from it at the `await`: the columns differ. */
function isSameLine(site: number | undefined, other: number): boolean {
  const [a, b] = [site === undefined ? undefined : siteAt(site).frame, siteAt(other).frame];
  return a !== undefined && a.file === b?.file && a.line === b.line && a.function === b.function;
}

/** Where one promise that is settled decides for all. */
function isInRace(site: number | undefined): boolean {
  const combinator = site === undefined ? undefined : siteAt(site).combinator;
  return combinator === 'race' || combinator === 'any';
}

/**
 * Whether a stack has shown that code is suspended there, or it was proved otherwise. V8's chain does not: that of a mere reaction, as `part.then(resolve)`, begins with those who await
 * the promise that the reaction would resolve, and another part may do so (Node 20 to 26).
 */
const isAwait = (record: PromiseRecord): boolean =>
  (record.line?.[0] !== undefined && isFrame(record.line[0])) || proofOf(record) === 'stands';

/** Innermost calls only: whoever awaits them waits for the same. `live`: lines at which calls are suspended. */
function add(record: PromiseRecord, live: () => ReadonlySet<number>): void {
  const { chain, owner, parent, line } = record;
  const [first, ...callers] = chain ?? [];
  if (chain === null || first === undefined || !isFrame(first) || !isAwait(record)) return;
  // V8 tells the same line for an element of a race, whether or not that is decided.
  if (owner !== null || isSameLine(line?.[0], first)) deadSites.add(first);
  if (parent !== null && deadCalls.has(parent)) {
    addBehind(record, chain);
    return;
  }
  const key = chain.join();
  const caller = callers.find(isFrame);
  // Its promise may be kept by somebody else, and then so is whoever awaits it.
  const isAwaited =
    caller === undefined ? !isInRace(owner?.first?.line?.[0]) : owner?.isPending === true && live().has(caller);
  const known = byChain.get(key);
  if (known !== undefined) {
    known.count++;
    known.isAwaited ||= isAwaited;
    known.latest.push(record);
    if (known.latest.length > MAX_LATEST) known.latest.shift();
  } else if (byChain.size < MAX_CHAINS) {
    byChain.set(key, { sites: chain.filter(isFrame), count: 1, latest: [record], isAwaited, behind: new Map() });
  }
}

/** Waits for a call whose own await is dead: no finding of its own. */
function addBehind(record: PromiseRecord, chain: readonly number[]): void {
  let root = record;
  for (let i = 0; i < MAX_DEPTH; i++) {
    const inner = root.parent === null ? undefined : deadCalls.get(root.parent);
    if (inner === undefined) break;
    root = inner;
  }
  const dead = byChain.get(root.chain?.join() ?? '');
  if (dead === undefined || dead.behind.size >= MAX_BEHIND) return;
  dead.behind.set(chain.join(), chain.filter(isFrame));
}

/** Of a call it may be found only later that its own await is dead. */
function moveBehind(): void {
  const isOuter = ({ parent }: PromiseRecord): boolean => parent !== null && deadCalls.has(parent);
  for (const [key, dead] of byChain) {
    const outer = dead.latest.filter(isOuter);
    if (outer.length === 0) continue;
    dead.latest = dead.latest.filter((record) => !isOuter(record));
    dead.count -= outer.length;
    if (dead.latest.length === 0) byChain.delete(key);
    for (const record of outer) addBehind(record, record.chain ?? []);
  }
}

/** What goes on was never dead: nothing that is told as proved may rest on a mistake of ours. */
function dropLiving(): void {
  for (const [key, dead] of byChain) {
    const latest = dead.latest.filter(({ isPending, ran }) => isPending && !ran);
    if (latest.length === dead.latest.length) continue;
    reportFault('dead await', 'one went on');
    dead.count -= dead.latest.length - latest.length;
    dead.latest = latest;
    if (latest.length === 0) byChain.delete(key);
  }
}

/** V8's chains end here. */
const FULL = 8;

/** Whether these are the outer lines of the other. */
function isBehind({ sites }: Dead, inner: readonly number[]): boolean {
  if (inner.length < FULL)
    return inner.length > sites.length && sites.every((site, i) => site === inner.at(i - sites.length));
  return inner.some((_, i) => i > 0 && inner.slice(i).every((site, j) => site === sites[j]));
}

const isBehindOther = (dead: Dead, all: readonly Dead[]): boolean =>
  all.some(
    (inner) =>
      (inner !== dead && isBehind(dead, inner.sites)) ||
      [...inner.behind.values()].some((sites) => isBehind(dead, sites)),
  );

/** The caller's await is dead as well, or there is no caller: else the caller has gone on. */
function isAbandoned({ sites: [, caller], isAwaited }: Dead): boolean {
  return !isAwaited && (caller === undefined || !deadSites.has(caller));
}

/** By chain of lines, since the start; `awaits` are those suspended now. */
export function deadAwaits(
  awaits: readonly PromiseRecord[],
): { sites: readonly number[]; count: number; abandoned: boolean; behind: (readonly number[])[] }[] {
  for (const record of news) if (record.owner !== null) deadCalls.set(record.owner, record);
  let sites: Set<number> | undefined;
  const live = (): Set<number> => (sites ??= new Set(awaits.map(({ chain }) => chain?.[0] ?? NOWHERE)));
  const open = new Set(news.filter((record) => record.line === null && proofOf(record) === 'open'));
  const known = news.filter((record) => !open.has(record));
  const isInnermost = ({ parent }: PromiseRecord): boolean => parent === null || !deadCalls.has(parent);
  for (const record of [...known.filter(isInnermost), ...known.filter((each) => !isInnermost(each))]) add(record, live);
  news = [...open].slice(-MAX_OPEN);
  dropLiving();
  moveBehind();
  const all = [...byChain.values()];
  return all
    .filter((dead) => !isBehindOther(dead, all))
    .map((dead) => ({
      sites: dead.sites,
      count: dead.count,
      abandoned: isAbandoned(dead),
      behind: [...dead.behind.values()],
    }));
}

/** Starts noting. */
export function startDeadAwaits(): void {
  watchOrphans(meet);
}

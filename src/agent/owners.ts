/** Finds for every suspended await the promise of the async call it belongs to, from the order of events and the awaiter chains. */
import { fetchTasks } from './fetch.ts';
import { promiseOf, type PromiseRecord } from './promises.ts';
import { awaiters } from './probe.ts';
import { siteAt, siteOf } from './sites.ts';

/** The await graph of one moment. */
export interface AwaitGraph {
  /** Suspended awaits in order of creation. */
  awaits: PromiseRecord[];
  /** The await (or link) in which the call that returned this promise is suspended. */
  suspendedIn: Map<PromiseRecord, PromiseRecord>;
  /** The elements still pending of a combinator's promise. */
  elements: Map<PromiseRecord, PromiseRecord[]>;
  /** Awaits whose owner is only likely. */
  inferred: Set<PromiseRecord>;
  /** Promises that a task settles by a callback, with that task. */
  settledBy: Map<PromiseRecord, PromiseRecord>;
  /** Awaits left out because of the limit on probes; a later snapshot has them. */
  dropped: number;
}

/** Probes of one snapshot; 5 to 20 us each. The results are kept, so the next snapshot goes on from there. */
const MAX_PROBES = 20_000;
const CHAIN_DEPTH = 8;
const MAX_CANDIDATES = 64;

const isEnd = (record: PromiseRecord): boolean => record.derived && record.waiters === 0 && record.parent !== null;

/** Fills in the chains of those that have none yet or whose owner is not settled. */
function probeChains(records: readonly PromiseRecord[]): number {
  const targets: object[] = [];
  const probed: PromiseRecord[] = [];
  let dropped = 0;
  for (const record of records) {
    const { parent } = record;
    if (parent === null || record.link || !isEnd(record)) continue;
    if (parent.waiters !== 1 || (record.chain !== null && (record.owner !== null || record.sampled))) continue;
    const promise = promiseOf(parent);
    if (promise === undefined) continue;
    if (probed.length >= MAX_PROBES) {
      if (record.chain === null) dropped++;
      continue;
    }
    targets.push(promise);
    probed.push(record);
  }
  const chains = awaiters(targets, CHAIN_DEPTH);
  probed.forEach((record, i) => (record.note().chain = (chains[i] ?? []).map(siteOf)));
  return dropped;
}

/** The line that waits for this promise: undefined when none does or several do. */
function waiterSite(promise: PromiseRecord): number | undefined {
  let record: PromiseRecord | null = promise;
  for (let hops = 0; record !== null && hops < 100; hops++) {
    if (record.waiters !== 1) return undefined;
    const waiter: PromiseRecord | null = record.first;
    if (waiter === null) return undefined;
    if (waiter.link) record = waiter.call?.owner ?? null;
    else if (waiter.waiters > 0) record = waiter;
    else return waiter.chain?.[0];
  }
  return undefined;
}

type Fit = 'strong' | 'weak' | 'race' | 'none';

/** Whether `candidate` can be the promise of the call that is suspended in `wait`. */
function fit(candidate: PromiseRecord, wait: PromiseRecord): Fit {
  const waits = waiterSite(candidate);
  if (wait.sampled || wait.chain === null) return 'weak';
  const [own, next] = wait.chain;
  if (waits === next) return waits === undefined ? 'weak' : 'strong';
  // V8 passes Promise.race over: the elements' chains begin with whoever awaits the race.
  return waits !== undefined && waits === own ? 'race' : 'none';
}

/** The awaited promise and those it only passes on: none of them can be the promise of the call that awaits. */
function awaitedPath(wait: PromiseRecord, graph: AwaitGraph): Set<PromiseRecord> {
  const path = new Set<PromiseRecord>();
  const ahead = [wait.parent];
  for (let record = ahead.pop(); record !== undefined; record = ahead.pop()) {
    if (record === null || path.has(record)) continue;
    path.add(record);
    const suspended = graph.suspendedIn.get(record);
    if (suspended?.link) ahead.push(suspended.parent);
    else if (record.derived) ahead.push(record.parent);
    for (const element of graph.elements.get(record) ?? []) ahead.push(element.parent);
  }
  return path;
}

interface Found {
  owner: PromiseRecord;
  fit: Fit;
  /** Nothing else fitted. */
  certain: boolean;
}

/** Promise.race subscribes to its elements before anybody can await its own promise. */
function isRaceOf(candidate: PromiseRecord, element: PromiseRecord): boolean {
  return candidate.source === null && candidate.first !== null && candidate.first.seq > element.seq;
}

/** The best owner among `outers`, the promises of one segment, that were made before number `seq`. */
function bestOwner(
  wait: PromiseRecord,
  outers: readonly PromiseRecord[],
  seq: number,
  path: ReadonlySet<PromiseRecord>,
  graph: AwaitGraph,
): Found | undefined {
  let weak: PromiseRecord | undefined;
  let weakCount = 0;
  let seen = 0;
  for (let i = outers.length - 1; i >= 0 && seen < MAX_CANDIDATES; i--) {
    const candidate = outers[i];
    if (candidate === undefined || candidate.seq > seq || path.has(candidate)) continue;
    if (graph.suspendedIn.has(candidate)) continue;
    seen++;
    const result = fit(candidate, wait);
    if (result === 'strong') return { owner: candidate, fit: result, certain: true };
    if (result === 'race' && weak === undefined && isRaceOf(candidate, wait)) {
      return { owner: candidate, fit: result, certain: false };
    }
    if (result === 'weak' && !graph.elements.has(candidate)) {
      // A promise that a resource settles is hardly the result of an async function.
      if (weak === undefined || (weak.source !== null && candidate.source === null)) weak = candidate;
      weakCount++;
    }
  }
  return weak && { owner: weak, fit: 'weak', certain: weakCount === 1 && !wait.sampled };
}

/** The call's first segment counts when it fits for certain; what looks like a further await may be the first one of a call made in a `then` callback. */
function findOwner(
  wait: PromiseRecord,
  outersOf: (segment: number) => PromiseRecord[],
  graph: AwaitGraph,
): Found | undefined {
  const path = awaitedPath(wait, graph);
  const here = bestOwner(wait, outersOf(wait.segment), wait.seq, path, graph);
  const { call } = wait;
  if (call === null || call.segment === wait.segment) return here;
  const first = bestOwner(wait, outersOf(call.segment), call.seq, path, graph);
  return first?.fit === 'strong' ? first : (here ?? first);
}

function addElement(graph: AwaitGraph, combinator: PromiseRecord, element: PromiseRecord): void {
  const elements = graph.elements.get(combinator);
  if (elements === undefined) graph.elements.set(combinator, [element]);
  else elements.push(element);
}

/** Promise.all and its kin make their own promise right before they subscribe to the elements. */
function combinatorOf(element: PromiseRecord, outers: readonly PromiseRecord[]): PromiseRecord | undefined {
  for (let i = outers.length - 1; i >= 0; i--) {
    const candidate = outers[i];
    if (candidate !== undefined && candidate.seq < element.seq && candidate !== element.parent) return candidate;
  }
  return undefined;
}

/** Works the graph out; `records` are all pending promises in order of creation. */
export function awaitGraph(records: readonly PromiseRecord[]): AwaitGraph {
  const graph: AwaitGraph = {
    awaits: [],
    suspendedIn: new Map(),
    elements: new Map(),
    inferred: new Set(),
    settledBy: new Map(),
    dropped: probeChains(records),
  };
  const outersBySegment = new Map<number, PromiseRecord[]>();
  for (const record of records) {
    if (record.derived) continue;
    const outers = outersBySegment.get(record.segment);
    if (outers === undefined) outersBySegment.set(record.segment, [record]);
    else outers.push(record);
  }
  const outersOf = (segment: number): PromiseRecord[] => outersBySegment.get(segment) ?? [];

  const open: PromiseRecord[] = [];
  for (const record of records) {
    if (record.link && record.parent !== null && record.call?.owner) {
      graph.suspendedIn.set(record.call.owner, record);
      continue;
    }
    const first = record.chain?.[0];
    if (!isEnd(record) || first === undefined) continue;
    if (siteAt(first).combinator !== undefined) {
      const combinator = combinatorOf(record, outersOf(record.segment));
      if (combinator !== undefined) addElement(graph, combinator, record);
      continue;
    }
    const known = record.owner ?? record.call?.owner ?? null;
    if (known !== null && known.promise !== null && !graph.suspendedIn.has(known)) {
      record.owner = known;
      graph.suspendedIn.set(known, record);
      graph.awaits.push(record);
    } else open.push(record);
  }
  for (const record of open) {
    const found = findOwner(record, outersOf, graph);
    if (found?.fit === 'race') {
      addElement(graph, found.owner, record);
      continue;
    }
    graph.awaits.push(record);
    if (found === undefined) continue;
    graph.suspendedIn.set(found.owner, record);
    if (found.certain) {
      record.owner = found.owner;
      if (record.call !== null) record.call.owner = found.owner;
    } else if (found.owner.waiters > 0) graph.inferred.add(record);
  }
  graph.awaits.sort((a, b) => a.seq - b.seq);
  graph.settledBy = fetchTasks(graph, outersOf);
  return graph;
}

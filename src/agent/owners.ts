/** Finds for every suspended await the promise of the async call it belongs to, from the order of events and the awaiter chains. */
import { fetchTasks } from './fetch.ts';
import { isEnd, probeChains } from './await-chains.ts';
import type { PromiseRecord } from './promise-record.ts';
import { newSegments, type Segments } from './segments.ts';
import { signalledTimers } from './signalled-timers.ts';
import { siteAt } from './sites.ts';

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
  /** Awaits left out because the time for probes was up; a later snapshot has them, for what was learnt is kept. */
  dropped: number;
}

/** More candidates than this are not looked at for one await. */
const MAX_CANDIDATES = 64;

/** The only await of this promise, through promises that pass it on: undefined when there is none or more than one. */
function waiterOf(promise: PromiseRecord): PromiseRecord | undefined {
  let record: PromiseRecord | null = promise;
  for (let hops = 0; record !== null && hops < 100; hops++) {
    if (record.waiters !== 1) return undefined;
    const waiter: PromiseRecord | null = record.first;
    if (waiter === null) return undefined;
    if (waiter.link) record = waiter.call?.owner ?? null;
    else if (waiter.waiters > 0) record = waiter;
    else return waiter;
  }
  return undefined;
}

type Fit = 'strong' | 'weak' | 'race' | 'none';

/** Whether `candidate` can be the promise of the call that is suspended in `wait`. */
function fit(candidate: PromiseRecord, wait: PromiseRecord): Fit {
  const waits = waiterOf(candidate)?.chain?.[0];
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

/**
 * Whether `candidate` passes `element` on to the call that awaits it, as the promise of Promise.race does: then that call made both, so it began before.
 * Without this check two calls suspended at one line would be taken for one.
 */
function isPassedOnBy(candidate: PromiseRecord, element: PromiseRecord, segments: Segments): boolean {
  const waiter = waiterOf(candidate);
  if (waiter === undefined || waiter.seq < element.seq) return false;
  const owner = waiter.owner ?? waiter.call?.owner;
  if (owner) return owner.seq < element.seq;
  let steps = 0;
  for (const between of segments.before(waiter.segment, waiter.seq)) {
    if (between.seq < element.seq) return true;
    if (++steps > MAX_CANDIDATES || fit(between, waiter) !== 'none') return false;
  }
  return true;
}

/** The best owner among the promises of one segment that were made before number `seq`. */
function bestOwner(
  wait: PromiseRecord,
  segment: number,
  seq: number,
  path: ReadonlySet<PromiseRecord>,
  { graph, segments }: Work,
): Found | undefined {
  let weak: PromiseRecord | undefined;
  let weakCount = 0;
  let seen = 0;
  for (const candidate of segments.before(segment, seq, (record) => graph.suspendedIn.has(record))) {
    if (++seen > MAX_CANDIDATES) break;
    if (path.has(candidate)) continue;
    const result = fit(candidate, wait);
    if (result === 'strong') return { owner: candidate, fit: result, certain: true };
    if (result === 'race' && isPassedOnBy(candidate, wait, segments)) {
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

interface Work {
  graph: AwaitGraph;
  segments: Segments;
}

/** The call's first segment counts when it fits for certain; what looks like a further await may be the first one of a call made in a `then` callback. */
function findOwner(wait: PromiseRecord, work: Work): Found | undefined {
  const path = awaitedPath(wait, work.graph);
  const here = bestOwner(wait, wait.segment, wait.seq, path, work);
  const { call } = wait;
  if (call === null || call.segment === wait.segment) return here;
  const first = bestOwner(wait, call.segment, call.seq, path, work);
  return first?.fit === 'strong' ? first : (here ?? first);
}

function addElement(graph: AwaitGraph, combinator: PromiseRecord, element: PromiseRecord): void {
  const elements = graph.elements.get(combinator);
  if (elements === undefined) graph.elements.set(combinator, [element]);
  else elements.push(element);
}

/** Promise.all and its kin make their own promise right before they subscribe to the elements. */
function combinatorOf(element: PromiseRecord, segments: Segments): PromiseRecord | undefined {
  for (const candidate of segments.before(element.segment, element.seq))
    if (candidate !== element.parent) return candidate;
  return undefined;
}

/** Works the graph out; `records` are all pending promises in order of creation, `probeMs` bounds the time for new probes (5 to 20 us each). */
export function awaitGraph(records: readonly PromiseRecord[], probeMs: number): AwaitGraph {
  const graph: AwaitGraph = {
    awaits: [],
    suspendedIn: new Map(),
    elements: new Map(),
    inferred: new Set(),
    settledBy: new Map(),
    dropped: probeChains(records, probeMs),
  };
  const segments = newSegments(records);
  const subscriptions = signalledTimers(records);
  const open: PromiseRecord[] = [];
  for (const record of records) {
    if (subscriptions.has(record)) continue;
    if (record.link && record.parent !== null && record.call?.owner) {
      graph.suspendedIn.set(record.call.owner, record);
      continue;
    }
    const first = record.chain?.[0];
    if (!isEnd(record) || first === undefined) continue;
    if (siteAt(first).combinator !== undefined) {
      const combinator = combinatorOf(record, segments);
      if (combinator !== undefined) addElement(graph, combinator, record);
      continue;
    }
    const known = record.owner ?? record.call?.owner ?? null;
    if (known !== null && known.isPending && !graph.suspendedIn.has(known)) {
      record.owner = known;
      graph.suspendedIn.set(known, record);
      graph.awaits.push(record);
    } else open.push(record);
  }
  // Calls suspend innermost first: in the order of their first awaits each finds its own promise nearest.
  const firstSeq = (record: PromiseRecord): number => record.call?.seq ?? record.seq;
  open.sort((a, b) => firstSeq(a) - firstSeq(b));
  for (const record of open) {
    const found = findOwner(record, { graph, segments });
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
  graph.settledBy = fetchTasks(graph, segments);
  return graph;
}

/** Finds for every suspended await the promise of the async call it belongs to, from the order of events and the awaiter chains. */
import { fetchTasks } from './fetch.ts';
import { isEnd, probeChains } from './await-chains.ts';
import type { PromiseRecord } from './promise-record.ts';
import { MAX_ON_LINE, type Universe } from './candidates.ts';
import type { RunningTask } from './running-task.ts';
import { newSegments, type Segments } from './segments.ts';
import { signalledTimers } from './signalled-timers.ts';
import { siteAt } from './sites.ts';
import { complete, each, sorted, type Steps } from './slices.ts';
import { Suspended } from './suspended.ts';
import { fitsAsOwner, isThenableWrapper, newWaiters } from './waiters.ts';
import { newWalks } from './walks.ts';
import { addElement, matchOwners } from './matching.ts';

/** The await graph of one moment. */
export interface AwaitGraph {
  /** Suspended awaits in order of creation. */
  awaits: PromiseRecord[];
  /** The await (or link) in which the call that returned this promise is suspended. */
  suspendedIn: Suspended;
  /** The promise of the call that an await most likely belongs to, where that is not certain. */
  likelyOwners: Map<PromiseRecord, PromiseRecord>;
  /** The elements still pending of a combinator's promise. */
  elements: Map<PromiseRecord, PromiseRecord[]>;
  /** Awaits whose owner is only likely, and promises that may have been that owner. */
  inferred: Set<PromiseRecord>;
  /** Promises that a task settles by a callback, with that task. */
  settledBy: Map<PromiseRecord, PromiseRecord>;
  /** The await whose code goes on right now, and where. */
  running: RunningTask | undefined;
  /** Awaits left out because their line is not known: the time for probes was up; a later snapshot has them, for what was learnt is kept. */
  dropped: number;
  /** Waiters of which no snapshot will tell: there was no budget for a stack when they came. */
  unseen: number;
  /** The time for probes was up. */
  isIncomplete: boolean;
  segments: Segments;
  /** Takes in promises made since, in order of creation; their awaits are not in `awaits`. */
  catchUp(news: readonly PromiseRecord[]): void;
}

/** Number by which the task is known that is suspended in this await. */
export function taskId(wait: PromiseRecord): number {
  return wait.owner?.seq ?? wait.call?.seq ?? wait.seq;
}

/**
 * Promise.all and its kin make their own promise right before they subscribe to the elements, and nobody has it before they are done. `isSure` when nothing
 * else was made in between.
 */
function combinatorOf(
  element: PromiseRecord,
  graph: AwaitGraph,
  { segments, waiters }: Pick<Universe, 'segments' | 'waiters'>,
): { promise: PromiseRecord; isSure: boolean } | undefined {
  const first = element.chain?.[0];
  const index = first === undefined ? undefined : siteAt(first).index;
  let steps = 0;
  for (const promise of segments.before(element.segment, element.seq)) {
    if (++steps > MAX_STEPS) return undefined;
    if (promise === element.parent || promise.ran || graph.suspendedIn.has(promise)) continue;
    if ((waiters.first(promise)?.seq ?? Infinity) < element.seq) continue;
    if (fitsAsOwner(promise, element, waiters) !== 'other')
      return { promise, isSure: element.seq - promise.seq - 1 === index };
  }
  return undefined;
}

/** Promises between a combinator's own and its last element, at most. */
const MAX_STEPS = 4096;

/** The promise of the call that awaits, when an earlier snapshot or the hooks have told. */
function knownOwner(record: PromiseRecord): PromiseRecord | null {
  const known = record.owner ?? record.call?.owner ?? null;
  if (known !== null || record.parent === null) return known;
  return isThenableWrapper(record.parent) ? record.parent.parent : null;
}

/** Elements whose combinator is looked for between two looks at the clock. */
const ELEMENTS = 32;

/** Works the graph out; `records` are all pending promises in order of creation, `probeMs` bounds the time for new probes (5 to 20 us each). */
export function* awaitGraph(
  records: readonly PromiseRecord[],
  probeMs: number,
  running?: RunningTask,
): Steps<AwaitGraph> {
  const universe = newUniverse();
  const { graph } = universe;
  graph.running = running;
  yield* addPromises(universe, records, probeMs);
  graph.awaits = yield* sorted(graph.awaits, ({ seq }) => seq);
  graph.settledBy = yield* fetchTasks(graph, records);
  graph.catchUp = (news) => {
    if (news.length === 0) return;
    // The awaits known so far are being walked through.
    const { awaits } = graph;
    graph.awaits = [];
    complete(addPromises(universe, news, NEWS_PROBE_MS));
    graph.awaits = awaits;
  };
  return graph;
}

/** For what was made while the snapshot was under way, each time. Milliseconds. */
const NEWS_PROBE_MS = 3;

function newUniverse(): Universe {
  const segments = newSegments();
  const graph: AwaitGraph = {
    awaits: [],
    suspendedIn: new Suspended(),
    likelyOwners: new Map(),
    elements: new Map(),
    inferred: new Set(),
    settledBy: new Map(),
    running: undefined,
    unseen: 0,
    dropped: 0,
    isIncomplete: false,
    segments,
    catchUp: () => undefined,
  };
  const walks = newWalks();
  return {
    graph,
    segments,
    waiters: newWaiters(),
    onLine: new Map(),
    firstOnLine: new Map(),
    wrappers: [],
    promises: [],
    closed: new Set(),
    walks,
  };
}

/** Adds promises made after those that are there. */
function* addPromises(universe: Universe, records: readonly PromiseRecord[], probeMs: number): Steps<void> {
  const { graph, segments, waiters, onLine, firstOnLine, wrappers, promises, closed } = universe;
  const derived: PromiseRecord[] = [];
  const made: PromiseRecord[] = [];
  yield* each(records, (record) => {
    (record.derived ? derived : made).push(record);
  });
  yield* waiters.add(derived);
  if (!(yield* probeChains(derived, probeMs, waiters.count))) graph.isIncomplete = true;
  yield* segments.add(made);
  const subscriptions = yield* signalledTimers(derived, records);
  for (const record of subscriptions) closed.add(record);
  const open: PromiseRecord[] = [];
  const elements: PromiseRecord[] = [];
  const compiled: PromiseRecord[] = [];
  yield* each(made, (record) => void promises.push(record));
  yield* each(derived, (record) => {
    if (isThenableWrapper(record)) wrappers.push(record);
    else if (record.link && record.parent !== null && record.call?.owner)
      graph.suspendedIn.set(record.call.owner, record);
  });
  yield* each(derived, (record) => {
    if (record.link || !isEnd(record) || subscriptions.has(record)) return;
    const first = record.chain?.[0];
    if (first === undefined) {
      if (record.chain === null && record.parent?.isPending) {
        graph.dropped++;
        if (record.parent.waiters !== 1) graph.unseen++;
      }
      return;
    }
    if (siteAt(first).combinator !== undefined) {
      const found = combinatorOf(record, graph, universe);
      if (found?.isSure) addElement(graph, found.promise, record);
      else elements.push(record);
      return;
    }
    const count = onLine.get(first) ?? 0;
    onLine.set(first, count + 1);
    if (count === 0) firstOnLine.set(first, [record]);
    else if (count < MAX_ON_LINE) firstOnLine.get(first)?.push(record);
    if (siteAt(first).isFunction === true) compiled.push(record);
    const known = knownOwner(record);
    if (known !== null && known.isPending && !known.ran && graph.suspendedIn.get(known)?.isPending !== true) {
      record.owner = known;
      graph.suspendedIn.set(known, record);
      graph.awaits.push(record);
    } else open.push(record);
  });
  yield* matchOwners(open, universe);
  for (const record of compiled) graph.inferred.add(record);
  const addLate = (record: PromiseRecord): void => {
    const found = combinatorOf(record, graph, universe);
    if (found !== undefined) addElement(graph, found.promise, record);
  };
  yield* each(elements, addLate, ELEMENTS);
}

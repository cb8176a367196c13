/** Finds for every suspended await the promise of the async call it belongs to, from the order of events and the awaiter chains. */
import { executorLeads } from '../resources/executors.ts';
import { fetchTasks } from '../resources/fetch.ts';
import { CHAIN_DEPTH, isEnd, probeChains } from '../walks/await-chains.ts';
import { PromiseRecord } from '../promises/promise-record.ts';
import { addHolders } from '../late/adopt.ts';
import { MAX_ON_LINE, type Universe } from './candidates.ts';
import type { RunningTask } from '../stops/running-task.ts';
import { sortOut, type Pending } from '../tree/pending-walk.ts';
import { wrapperOf } from '../promises/thenables.ts';
import { inOrder, newSegments, type Segments } from '../promises/segments.ts';
import { maySubscribe, signalledTimers } from '../resources/signalled-timers.ts';
import { siteAt } from '../stacks/sites.ts';
import { complete, each, type Steps } from '../tree/slices.ts';
import { Suspended } from './suspended.ts';
import { fitsAsOwner, fitsAsTarget, isThenableWrapper, newWaiters } from './waiters.ts';
import { newWalks } from './walks.ts';
import { addElement, matchOwners } from './matching.ts';
import { LargeSet } from '../tree/large.ts';

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
  /** Elements of a race that is an element itself: V8 tells the name and place of the outer combinator. */
  raced: Set<PromiseRecord>;
  /** Awaits whose owner is only likely, and promises that may have been that owner. */
  inferred: Set<PromiseRecord>;
  /** Promises that a task settles by a callback, with that task. */
  settledBy: Map<PromiseRecord, PromiseRecord>;
  /** Promises that most likely will be settled by something begun in their executor: tasks, or reactions to other promises. */
  executors: Map<PromiseRecord, PromiseRecord[]>;
  /** The await whose code goes on right now, and where. */
  running: RunningTask | undefined;
  /** Promises that their call has resolved with another promise, which they follow. */
  links: PromiseRecord[];
  /** Awaits of which not all was known before: where they are, or whose. */
  news: PromiseRecord[];
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

/** The race whose element this is, as far as V8's chain says: it passes over the race and goes on as that of the race itself. */
function raceOf(
  element: PromiseRecord,
  { segments, waiters, walks }: Pick<Universe, 'segments' | 'waiters' | 'walks'>,
): PromiseRecord | undefined {
  const { chain } = element;
  for (const promise of segments.before(element.segment, element.seq)) {
    const waiter = waiters.only(promise);
    if (waiter === element) continue;
    if (element.sampled || waiter?.sampled === true) return undefined;
    const outer = waiter?.chain;
    if (promise.ran || chain === null || outer?.length !== chain.length) return undefined;
    if (chain.some((site, i) => site !== outer[i])) return undefined;
    // That of an element of another combinator is longer by one, if it could be seen whole.
    if (chain.length < CHAIN_DEPTH || fitsAsOwner(promise, element, waiters) === 'other') return promise;
    return element.parent !== null && !walks.canOwn(element.parent, promise) ? promise : undefined;
  }
  return undefined;
}

/** The promise that a combinator has made of an element that is a thenable: what that leads to has the chain of the element. */
function passedOnTo(record: PromiseRecord, { waiters }: Pick<Universe, 'waiters'>): PromiseRecord | undefined {
  const made = wrapperOf(record);
  return made?.derived === false && fitsAsTarget(made, record, waiters) ? made : undefined;
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

/** Works the graph out of all pending promises; `probeMs` bounds the time for new probes (5 to 20 us each). */
export function* awaitGraph(pending: Pending, probeMs: number, running?: RunningTask): Steps<AwaitGraph> {
  const universe = newUniverse(pending.made);
  const { graph } = universe;
  graph.running = running;
  yield* addPromises(universe, pending, probeMs);
  graph.settledBy = yield* fetchTasks(graph, universe.onLine.keys());
  graph.executors = yield* executorLeads(graph);
  addHolders(graph);
  graph.catchUp = (news) => {
    if (news.length === 0) return;
    // The awaits known so far are being walked through.
    const { awaits, news: before } = graph;
    graph.awaits = [];
    graph.news = [];
    const added = complete(sortOut([...news]));
    universe.segments.add(added.made);
    complete(addPromises(universe, added, NEWS_PROBE_MS));
    graph.awaits = awaits;
    graph.news = before;
  };
  return graph;
}

/** For what was made while the snapshot was under way, each time. Milliseconds. */
const NEWS_PROBE_MS = 3;

function newUniverse(made: PromiseRecord[]): Universe {
  const segments = newSegments(made);
  const graph: AwaitGraph = {
    awaits: [],
    suspendedIn: new Suspended(),
    likelyOwners: new Map(),
    elements: new Map(),
    raced: new Set(),
    inferred: new Set(),
    settledBy: new Map(),
    executors: new Map(),
    running: undefined,
    links: [],
    news: [],
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
    closed: new LargeSet(),
    walks,
  };
}

/** Takes in promises made after those before; those made by neither `await` nor `then` are in its segments. */
function* addPromises(universe: Universe, { records, derived }: Pending, probeMs: number): Steps<void> {
  const { graph, waiters, onLine, firstOnLine, wrappers, closed } = universe;
  const likely: PromiseRecord[] = [];
  const links: PromiseRecord[] = [];
  const wrapping = yield* waiters.add(derived, (record) => {
    if (record.link) links.push(record);
    if (maySubscribe(record)) likely.push(record);
  });
  for (const wrapper of wrapping) wrappers.push(wrapper);
  if (!(yield* probeChains(derived, probeMs, waiters.count))) graph.isIncomplete = true;
  const subscriptions = yield* signalledTimers(likely, records);
  for (const record of subscriptions) closed.add(record);
  const open: PromiseRecord[] = [];
  const elements: PromiseRecord[] = [];
  const compiled: PromiseRecord[] = [];
  yield* each(links, (record) => {
    graph.links.push(record);
    if (record.parent !== null && record.call?.owner?.isPending === true)
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
      const race = passedOnTo(record, universe) ?? raceOf(record, universe);
      if (race !== undefined) {
        graph.raced.add(record);
        addElement(graph, race, record);
        return;
      }
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
      if (!isRemembered(record, known, first)) graph.news.push(record);
    } else open.push(record);
  });
  const known = graph.awaits;
  graph.awaits = [];
  yield* matchOwners(open, universe);
  for (const record of graph.awaits) graph.news.push(record);
  graph.awaits = yield* inOrder(known, graph.awaits);
  for (const record of compiled) graph.inferred.add(record);
  const addLate = (record: PromiseRecord): void => {
    const found = combinatorOf(record, graph, universe);
    if (found !== undefined) addElement(graph, found.promise, record);
  };
  yield* each(elements, addLate, ELEMENTS);
}

/** Whether a snapshot has noted this state with the promise of the call. */
function isRemembered(wait: PromiseRecord, { notes }: PromiseRecord, site: number): boolean {
  const task = notes?.task ?? null;
  if (task === null) return false;
  if (task instanceof PromiseRecord) return task === wait && notes?.site === site;
  return task.wait === wait && task.site === site && !task.inferred && task.early !== true;
}

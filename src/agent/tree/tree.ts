/** Turns the await graph into a tree: what every task awaits, down to the promise that something outside must settle. */
import type { Wait } from '../../protocol/agent.ts';
import {
  isInternal,
  leadsBack,
  NONE,
  newBranch,
  newCombinator,
  NOTHING,
  putBelow,
  together,
  type Below,
  type Branch,
} from './branch.ts';
import { taskId, type AwaitGraph } from '../owners/owners.ts';
import { LargeMap, LargeSet } from './large.ts';
import { newLed } from './led.ts';
import { keepPlain, newPlainChains } from './plain-tasks.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import type { Steps } from './slices.ts';
import { promiseActivity } from '../promises/promises.ts';
import { siteAt } from '../stacks/sites.ts';
import { describe, waitOf } from './unknown-waits.ts';
import { follow, goesOn, passesOn, waysOf, type Leaf, type Target } from './targets.ts';

/** All trees. */
export interface Forest {
  roots: Branch[];
  /** All branches but the ends of chains, children mostly before parents. */
  branches: Branch[];
  /** The awaits of roots that are not among `roots`, see plain-tasks.ts, and how many awaits they are with all below them. */
  plain: readonly PromiseRecord[];
  plainCount: number;
  /** All other awaits. */
  others: PromiseRecord[];
  dropped: number;
}

const MAX_DEPTH = 200;

/** Elements of one combinator from which on they are looked at in pieces. */
const MANY = 64;
/** Targets that are looked at in one go. */
const FEW = 1000;

/**
 * All trees: their roots are the tasks nobody awaits; of a cycle the oldest member. The program may run in between: `catchUp` is called after each
 * interruption to bring the graph up to date, a task that was resumed is shown where it waits now, one that has ended is left out.
 */
export function* awaitForest(graph: AwaitGraph, catchUp: () => void): Steps<Forest> {
  /** The way down to what is being made: short, so that to look through it takes less than to keep a set of it. */
  const path: PromiseRecord[] = [];
  const done = new LargeMap<PromiseRecord, Branch>();
  let dropped = graph.dropped;

  function* pause(): Steps<void> {
    yield;
    catchUp();
  }

  function* eachAwait(records: readonly PromiseRecord[], work: (record: PromiseRecord) => void): Steps<void> {
    for (let i = 0; i < records.length; yield* pause()) {
      for (const end = Math.min(i + MANY, records.length); i < end; i++) work(records[i] as PromiseRecord);
    }
  }

  /** The await in which the same call is suspended now; undefined when there is none. */
  function present(record: PromiseRecord): PromiseRecord | undefined {
    if (record.isPending) return record;
    const { owner } = record;
    const next = owner?.isPending === true ? graph.suspendedIn.get(owner) : undefined;
    return next?.isPending === true && !next.link ? next : undefined;
  }

  function targetOf({ parent }: PromiseRecord): Target | undefined {
    return parent === null ? undefined : follow(parent, graph);
  }

  function element(record: PromiseRecord): Below {
    const first = record.chain?.[0];
    const index = first === undefined || graph.raced.has(record) ? undefined : siteAt(first).index;
    const below = target(record);
    const inferred = graph.inferred.has(record);
    if (index === undefined && !inferred) return below;
    const withIndex = (branch: Branch): Branch => ({
      ...branch,
      index: index ?? branch.index,
      inferred: inferred || branch.inferred,
    });
    return { ...below, children: below.children.map(withIndex) };
  }

  /** What `record` waits for. */
  function target(record: PromiseRecord): Below {
    const to = targetOf(record);
    return to === undefined ? NOTHING : lead(to);
  }

  function lead(to: Target): Below {
    if (to.kind === 'leaf') return { ...NOTHING, children: [promise(to)] };
    if (to.kind === 'several') return together(to.ways.map(lead));
    const { passed } = to;
    if (path.includes(to.record)) return { children: NONE, cycle: taskId(to.record), passed };
    const branch = to.kind === 'await' ? awaiting(to.record) : combinator(to.record);
    return { children: [to.inferred ? { ...branch, inferred: true } : branch], cycle: undefined, passed };
  }

  function promise(leaf: Leaf): Branch {
    return newBranch(leaf.record.seq, leaf.record.atMs, 'promise', undefined, describe(leaf, graph));
  }

  /** The branch of `record`, completed by what is below it; made once, except on a cycle. */
  function branchOf(record: PromiseRecord, make: () => Branch, complete: (branch: Branch) => Below): Branch {
    const known = done.get(record);
    if (known !== undefined) return known;
    if (path.length >= MAX_DEPTH) {
      dropped++;
      return promise({ kind: 'leaf', record, source: null, inferred: false });
    }
    path.push(record);
    const branch = make();
    const below = complete(branch);
    path.pop();
    putBelow(branch, below);
    if (path.length === 0 || !leadsBack(branch)) done.set(record, branch);
    return branch;
  }

  function newTask(record: PromiseRecord, wait: Wait | undefined): Branch {
    const { owner } = record;
    const site = graph.running?.record === record ? graph.running.site : record.chain?.[0];
    const branch = newBranch(taskId(record), (owner ?? record).atMs, 'async', site, wait);
    branch.inferred = graph.inferred.has(record);
    branch.record = record;
    branch.goesOn = goesOn(record);
    return branch;
  }

  /** A task that awaits nothing but what something outside must settle. */
  function ending(record: PromiseRecord, leaf: Leaf): void {
    if (done.has(record)) return;
    done.set(record, newTask(record, waitOf(record.chain?.[0], describe(leaf, graph))));
  }

  function awaiting(record: PromiseRecord): Branch {
    return branchOf(
      record,
      () => newTask(record, undefined),
      (branch) => {
        const below = branch.goesOn ? NOTHING : target(record);
        const only = below.children.length === 1 ? below.children[0] : undefined;
        if (only?.kind !== 'promise' || only.wait === undefined) return below;
        branch.wait = waitOf(branch.site, only.wait);
        return { ...below, children: NONE };
      },
    );
  }

  /** Adds what one element waits for. */
  function addElement(branch: Below & { children: Branch[] }, record: PromiseRecord): void {
    if (!record.isPending) return;
    const { children, cycle, passed } = element(record);
    for (const child of children) branch.children.push(child);
    branch.cycle ??= cycle;
    branch.passed ||= passed;
  }

  function combinator(record: PromiseRecord): Branch {
    const elements = graph.elements.get(record) ?? [];
    return branchOf(
      record,
      () => newCombinator(record, elements, graph),
      () => {
        const below = { ...NOTHING, children: [] };
        for (const each of elements) addElement(below, each);
        return below;
      },
    );
  }

  /** As `combinator`, in pieces; for one with many elements, before anything else leads to it. */
  function* prepare(record: PromiseRecord, elements: readonly PromiseRecord[]): Steps<void> {
    if (done.has(record) || !record.isPending) return;
    const branch = newCombinator(record, elements, graph);
    const below = { ...NOTHING, children: [] };
    path.push(record);
    for (const [i, each] of elements.entries()) {
      if (i % MANY === MANY - 1) yield* pause();
      addElement(below, each);
    }
    path.pop();
    putBelow(branch, below);
    done.set(record, branch);
  }

  const led = newLed(graph);
  const { targets, covered } = led;
  const inner: PromiseRecord[] = [];
  const isBookkeeping = (record: PromiseRecord): boolean => led.isBookkeeping(record, () => targetOf(record));
  const activity = promiseActivity();
  const chains = newPlainChains(graph);
  const rest: PromiseRecord[] = [];
  const others: PromiseRecord[] = [];
  yield* eachAwait(graph.awaits, (record) => {
    if (!chains.take(record)) rest.push(record);
    led.expect(record);
  });
  yield* eachAwait(rest, (record) => {
    if (!chains.has(record)) others.push(record);
  });
  yield* eachAwait(others, (record) => {
    const now = present(record);
    const to = now && targetOf(now);
    if (to === undefined) return;
    led.note(to);
    if (to.kind === 'leaf' && !goesOn(now ?? record)) ending(now ?? record, to);
    else inner.push(record);
  });
  for (const elements of graph.elements.values()) {
    for (const [i, record] of elements.entries()) {
      if (i % MANY === MANY - 1) yield* pause();
      const to = record.isPending ? targetOf(record) : undefined;
      if (to !== undefined) led.note(to);
    }
  }
  for (const [record, elements] of graph.elements)
    if (elements.length >= MANY && !passesOn(record, graph)) yield* prepare(record, elements);
  yield* eachAwait(inner, (record) => {
    const now = present(record);
    if (now !== undefined) awaiting(now);
  });

  /** Below the roots so far. */
  const reached = new LargeSet<PromiseRecord>();
  function* reach(ahead: PromiseRecord[]): Steps<void> {
    const goOn = (waiting: PromiseRecord): void => {
      const to = targetOf(waiting);
      for (const { kind, record } of waysOf(to)) if (kind !== 'leaf' && !reached.has(record)) ahead.push(record);
    };
    for (let record = ahead.pop(); record !== undefined; record = ahead.pop()) {
      if (reached.has(record)) continue;
      reached.add(record);
      if (reached.size % MANY === 0) yield* pause();
      const elements = graph.elements.get(record);
      if (elements === undefined) goOn(record);
      else elements.forEach(goOn);
    }
  }

  const roots: Branch[] = [];
  const addRoot = (branch: Branch, record: PromiseRecord): void => {
    if (isInternal(branch)) return;
    if (record.derived && record.owner?.waiters === 0) branch.detached = true;
    roots.push(branch);
  };
  const isSame =
    promiseActivity() === activity && targets.size + covered.size <= FEW && ![...targets, ...covered].some(chains.has);
  const late: PromiseRecord[] = [];
  const plain = isSame ? chains.tops : yield* keepPlain(chains.tops, graph, led.has, late);
  yield* eachAwait(late, (record) => {
    const to = targetOf(record);
    if (to !== undefined) led.note(to);
    others.push(record);
  });
  /** Roots with something below. */
  const above: PromiseRecord[] = [];
  yield* eachAwait(others, (record) => {
    if (targets.has(record)) return;
    const now = present(record);
    if (now === undefined || led.has(now) || isBookkeeping(now)) return;
    const branch = awaiting(now);
    addRoot(branch, now);
    if (branch.children.length > 0) above.push(now);
  });
  for (const [i, record] of [...graph.elements.keys()].entries()) {
    if (i % MANY === 0) yield* pause();
    if (!record.isPending || targets.has(record) || passesOn(record, graph)) continue;
    addRoot(combinator(record), record);
    above.push(record);
  }
  yield* reach(above);
  // What is left awaits itself, or nothing that is shown leads to it.
  for (const [i, record] of others.entries()) {
    if (i % MANY === 0) yield* pause();
    if (reached.has(record)) continue;
    const now = present(record);
    if (now === undefined || covered.has(now) || isBookkeeping(now)) continue;
    if (reached.has(now) || !(targets.has(record) || targets.has(now))) continue;
    addRoot(awaiting(now), now);
    yield* reach([now]);
  }
  return { roots, branches: [...done.values()], plain, plainCount: chains.size - late.length, others, dropped };
}

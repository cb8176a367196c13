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
  type Below,
  type Branch,
} from './branch.ts';
import { isBookkeeper } from '../libraries/bookkeepers.ts';
import { taskId, type AwaitGraph } from '../owners/owners.ts';
import { isPlain, keepPlain } from './plain-tasks.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import type { Steps } from './slices.ts';
import { promiseActivity } from '../promises/promises.ts';
import { siteAt } from '../stacks/sites.ts';
import { describe, UNKNOWN, waitOf } from './unknown-waits.ts';
import { follow, goesOn, isInner, isNamed, type Target } from './targets.ts';

/** All trees. */
export interface Forest {
  roots: Branch[];
  /** All branches but the ends of chains, children mostly before parents. */
  branches: Branch[];
  /** The awaits of roots that are not among `roots`, and how they are made into one. */
  plain: PromiseRecord[];
  /** All other awaits. */
  others: PromiseRecord[];
  branchOf(plain: PromiseRecord): Branch;
  dropped: number;
}

const MAX_DEPTH = 200;

/** Elements of one combinator from which on they are looked at in pieces. */
const MANY = 64;

/**
 * All trees: their roots are the tasks nobody awaits; of a cycle the oldest member. The program may run in between: `catchUp` is called after each
 * interruption to bring the graph up to date, a task that was resumed is shown where it waits now, one that has ended is left out.
 */
export function* awaitForest(graph: AwaitGraph, catchUp: () => void): Steps<Forest> {
  const path = new Set<PromiseRecord>();
  const done = new Map<PromiseRecord, Branch>();
  let dropped = graph.dropped;

  function* pause(): Steps<void> {
    yield;
    catchUp();
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
    const index = first === undefined ? undefined : siteAt(first).index;
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
    if (to === undefined) return NOTHING;
    if (to.kind === 'leaf') return { ...NOTHING, children: [promise(to.record, to.source)] };
    const { passed } = to;
    if (path.has(to.record)) return { children: NONE, cycle: taskId(to.record), passed };
    const branch = to.kind === 'await' ? awaiting(to.record) : combinator(to.record);
    return { children: [to.inferred ? { ...branch, inferred: true } : branch], cycle: undefined, passed };
  }

  function promise(record: PromiseRecord, source: WaitSource | null): Branch {
    return newBranch(record.seq, record.atMs, 'promise', undefined, describe(record, source, graph));
  }

  /** The branch of `record`, completed by what is below it; made once, except on a cycle. */
  function branchOf(record: PromiseRecord, make: () => Branch, complete: (branch: Branch) => Below): Branch {
    const known = done.get(record);
    if (known !== undefined) return known;
    if (path.size >= MAX_DEPTH) {
      dropped++;
      return promise(record, null);
    }
    path.add(record);
    const branch = make();
    const below = complete(branch);
    path.delete(record);
    putBelow(branch, below);
    if (path.size === 0 || !leadsBack(branch)) done.set(record, branch);
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
  function ending(record: PromiseRecord, { record: end, source }: Extract<Target, { kind: 'leaf' }>): void {
    if (done.has(record)) return;
    done.set(record, newTask(record, waitOf(record.chain?.[0], describe(end, source, graph))));
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
      () => newCombinator(record, elements),
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
    const branch = newCombinator(record, elements);
    const below = { ...NOTHING, children: [] };
    path.add(record);
    for (const [i, each] of elements.entries()) {
      if (i % MANY === MANY - 1) yield* pause();
      addElement(below, each);
    }
    path.delete(record);
    putBelow(branch, below);
    done.set(record, branch);
  }

  /** Not a combinator: what awaits it is shown to await the other promise directly. */
  function passesOn(record: PromiseRecord): boolean {
    const elements = graph.elements.get(record);
    return elements?.length === 1 && elements[0] !== undefined && !isNamed(elements[0]);
  }

  const targets = new Set<PromiseRecord>();
  /** Node's own steps within a wait that is told as a whole. */
  const covered = new Set<PromiseRecord>();
  const cover = (from: PromiseRecord): void => {
    const to = follow(from, graph, true);
    if (to.kind !== 'await' || covered.has(to.record) || !isInner(to.record)) return;
    covered.add(to.record);
    if (to.record.parent !== null) cover(to.record.parent);
  };
  const inner: PromiseRecord[] = [];
  const noted = new Set<PromiseRecord>();
  const shared = new Set<PromiseRecord>();
  const note = (to: Target): void => {
    const { record } = to;
    if (noted.has(record)) shared.add(record);
    noted.add(record);
    if (to.kind !== 'leaf') targets.add(record);
    else if (to.source?.isWhole?.() === true) cover(record);
  };
  /** A package's own await, that nobody awaits, of what a task of the program awaits, too. */
  const isBookkeeping = (record: PromiseRecord): boolean => {
    const site = record.chain?.[0];
    const frame = site === undefined ? undefined : siteAt(site).frame;
    if (frame === undefined || !isBookkeeper(frame)) return false;
    const to = targetOf(record);
    return to !== undefined && shared.has(to.record);
  };
  const activity = promiseActivity();
  const likely: PromiseRecord[] = [];
  const others: PromiseRecord[] = [];
  for (const [i, record] of graph.awaits.entries()) {
    if (i % MANY === 0) yield* pause();
    if (isPlain(record, graph)) {
      likely.push(record);
      continue;
    }
    others.push(record);
    const now = present(record);
    const to = now && targetOf(now);
    if (to === undefined) continue;
    note(to);
    if (to.kind === 'leaf' && !goesOn(now ?? record)) ending(now ?? record, to);
    else inner.push(record);
  }
  for (const elements of graph.elements.values()) {
    for (const [i, record] of elements.entries()) {
      if (i % MANY === MANY - 1) yield* pause();
      const to = record.isPending ? targetOf(record) : undefined;
      if (to !== undefined) note(to);
    }
  }
  for (const [record, elements] of graph.elements) if (elements.length >= MANY) yield* prepare(record, elements);
  for (const [i, record] of inner.entries()) {
    if (i % MANY === 0) yield* pause();
    const now = present(record);
    if (now !== undefined) awaiting(now);
  }

  /** Below the roots so far. */
  const reached = new Set<PromiseRecord>();
  function* reach(from: PromiseRecord): Steps<void> {
    const ahead = [from];
    for (let record = ahead.pop(); record !== undefined; record = ahead.pop()) {
      if (reached.has(record)) continue;
      reached.add(record);
      if (reached.size % MANY === 0) yield* pause();
      for (const waiting of graph.elements.get(record) ?? [record]) {
        const to = targetOf(waiting);
        if (to !== undefined && to.kind !== 'leaf' && !reached.has(to.record)) ahead.push(to.record);
      }
    }
  }

  const roots: Branch[] = [];
  const addRoot = (branch: Branch, record: PromiseRecord): void => {
    if (isInternal(branch)) return;
    if (record.derived && record.owner?.waiters === 0) branch.detached = true;
    roots.push(branch);
  };
  const isSame = promiseActivity() === activity && ![...targets, ...covered].some((each) => isPlain(each, graph));
  const isLed = (record: PromiseRecord): boolean => targets.has(record) || covered.has(record);
  const plain = isSame ? likely : yield* keepPlain(likely, isLed, others);
  for (const [i, record] of others.entries()) {
    if (i % MANY === 0) yield* pause();
    const now = present(record);
    if (now === undefined || targets.has(record) || isLed(now) || isBookkeeping(now)) continue;
    const branch = awaiting(now);
    addRoot(branch, now);
    if (branch.children.length > 0) yield* reach(now);
  }
  for (const [i, record] of [...graph.elements.keys()].entries()) {
    if (i % MANY === 0) yield* pause();
    if (!record.isPending || targets.has(record) || passesOn(record)) continue;
    addRoot(combinator(record), record);
    yield* reach(record);
  }
  // What is left awaits itself, or nothing that is shown leads to it.
  for (const [i, record] of others.entries()) {
    if (i % MANY === 0) yield* pause();
    const now = present(record);
    if (now === undefined || covered.has(now) || isBookkeeping(now)) continue;
    if (reached.has(record) || reached.has(now) || !(targets.has(record) || targets.has(now))) continue;
    addRoot(awaiting(now), now);
    yield* reach(now);
  }
  const branchOfPlain = (wait: PromiseRecord): Branch => {
    const branch = newTask(wait, UNKNOWN);
    branch.detached = true;
    return branch;
  };
  return { roots, branches: [...done.values()], plain, others, branchOf: branchOfPlain, dropped };
}

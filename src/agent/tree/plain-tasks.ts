/** Sums up what a large program mostly consists of: calls nobody awaits, suspended at a promise of which nothing is known or at such a call. They are counted, not made into branches. */
import { isBookkeeper } from '../libraries/bookkeepers.ts';
import { NONE, newBranch, type Branch } from './branch.ts';
import { taskId, type AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { siteAt } from '../stacks/sites.ts';
import { each, type Steps } from './slices.ts';
import { isOutlined } from '../waits/outlines.ts';
import { UNKNOWN, waitAt } from './unknown-waits.ts';

/** Members of a group of which more is told than that they are there. */
export const SHOWN = 50;

/** Plain tasks at one line, and below them one each at other lines. */
export interface PlainGroup {
  /** The oldest ones by number. */
  shown: PromiseRecord[];
  /** How many more there are. */
  more: number;
  /** When the first and the last of all of them began. Milliseconds. */
  fromMs: number;
  toMs: number;
  /** What they wait for, one each. */
  below: PlainGroup | undefined;
}

const plainSites = new Map<number, boolean>();

/** An await at a line of the program's own, which says nothing about the wait. */
function isPlainSite(site: number): boolean {
  let known = plainSites.get(site);
  if (known === undefined) {
    const { frame, isNodes } = siteAt(site);
    known = frame !== undefined && !isNodes && !isBookkeeper(site) && waitAt(site) === undefined;
    plainSites.set(site, known);
  }
  return known;
}

/** Whether there is nothing to tell of an await and the promise it waits for but the place, as far as promises tell; another source may lead to it all the same. */
function isPlain(wait: PromiseRecord, graph: AwaitGraph): boolean {
  const { parent, owner, chain } = wait;
  const site = chain?.[0];
  if (parent === null || owner === null || site === undefined) return false;
  return (
    wait.isPending &&
    owner.isPending &&
    parent.isPending &&
    !parent.derived &&
    parent.waiters === 1 &&
    parent.source === null &&
    !isOutlined(parent) &&
    graph.running?.record !== wait &&
    isPlainSite(site) &&
    graph.suspendedIn.get(owner) === wait &&
    !graph.elements.has(parent) &&
    !graph.settledBy.has(parent) &&
    !graph.executors.has(parent) &&
    !graph.inferred.has(parent) &&
    !graph.inferred.has(wait)
  );
}

/** The await of the call that a plain one awaits. */
function below({ parent }: PromiseRecord, graph: AwaitGraph): PromiseRecord | undefined {
  const next = parent?.isPending === true ? graph.suspendedIn.get(parent) : undefined;
  return next?.owner === parent ? next : undefined;
}

/** Longer chains have branches: as deep as that a recursion may be. */
const MAX_CHAIN = 16;

/** Awaits from `top` down to a promise of which nothing is known; put into `chain`. */
function chainBelow(top: PromiseRecord, graph: AwaitGraph, chain: PromiseRecord[] = []): PromiseRecord[] {
  chain.length = 0;
  chain.push(top);
  for (let next = below(top, graph); next !== undefined && chain.length < MAX_CHAIN; next = below(next, graph))
    chain.push(next);
  return chain;
}

/** Whether nobody awaits the task, and it and all that it waits for is plain. */
function isPlainChain(top: PromiseRecord, graph: AwaitGraph): boolean {
  if (graph.unseen !== 0 || top.owner?.waiters !== 0) return false;
  let length = 0;
  for (let wait: PromiseRecord | undefined = top; wait !== undefined; wait = below(wait, graph)) {
    if (++length > MAX_CHAIN || !isPlain(wait, graph)) return false;
    // A link, or a call that is only likely.
    if (wait.parent !== null && below(wait, graph) !== graph.suspendedIn.get(wait.parent)) return false;
  }
  return true;
}

let moments = 0;

/** The plain chains of one moment. */
export interface PlainChains {
  /** Takes in the chain of a task if it is one. */
  take(top: PromiseRecord): boolean;
  /** Whether the await is in a chain that was taken in. */
  has(wait: PromiseRecord): boolean;
  /** Their first awaits. */
  readonly tops: readonly PromiseRecord[];
  /** Awaits in all of them. */
  readonly size: number;
}

/** None yet. The awaits carry the mark themselves: a set of 100,000 takes longer than all the rest. */
export function newPlainChains(graph: AwaitGraph): PlainChains {
  const moment = ++moments;
  const tops: PromiseRecord[] = [];
  let size = 0;
  return {
    take(top) {
      if (!isPlainChain(top, graph)) return false;
      for (let wait: PromiseRecord | undefined = top; wait !== undefined; wait = below(wait, graph)) {
        wait.note().plainAt = moment;
        size++;
      }
      tops.push(top);
      return true;
    },
    has: ({ notes }) => notes?.plainAt === moment,
    tops,
    get size() {
      return size;
    },
  };
}

/** Those of `tops` whose chains are plain yet and to which no other source leads; the awaits of the others are added to `late`. */
export function* keepPlain(
  tops: readonly PromiseRecord[],
  graph: AwaitGraph,
  isLed: (record: PromiseRecord) => boolean,
  late: PromiseRecord[],
): Steps<PromiseRecord[]> {
  const plain: PromiseRecord[] = [];
  yield* each(tops, (top) => {
    const chain = chainBelow(top, graph);
    if (isPlainChain(top, graph) && !chain.some(isLed)) plain.push(top);
    else late.push(...chain);
  });
  return plain;
}

const idOf = ({ owner, seq }: PromiseRecord): number => owner?.seq ?? seq;

/** Puts `wait` among the oldest ones by number, if it is one of them. */
function show(shown: PromiseRecord[], wait: PromiseRecord): void {
  const id = idOf(wait);
  const last = shown.at(-1);
  if (shown.length === SHOWN && last !== undefined && idOf(last) < id) return;
  let at = shown.length;
  for (let before = shown[at - 1]; before !== undefined && idOf(before) > id; before = shown[at - 1]) at--;
  shown.splice(at, 0, wait);
  if (shown.length > SHOWN) shown.pop();
}

function newGroup(wait: PromiseRecord, under: PlainGroup | undefined): PlainGroup {
  const { atMs } = wait.owner ?? wait;
  return { shown: [], more: 0, fromMs: atMs, toMs: atMs, below: under };
}

/** A group for each await of a chain, the top's first. */
function groupsFor(chain: readonly PromiseRecord[]): PlainGroup[] {
  const groups: PlainGroup[] = [];
  for (const wait of chain.toReversed()) groups.unshift(newGroup(wait, groups[0]));
  return groups;
}

function add(group: PlainGroup, wait: PromiseRecord): void {
  const { atMs } = wait.owner ?? wait;
  group.fromMs = Math.min(group.fromMs, atMs);
  group.toMs = Math.max(group.toMs, atMs);
  group.more++;
  show(group.shown, wait);
}

/** Chains by the line on which they go on. */
class Lines {
  readonly #below = new Map<number, Lines>();
  groups: PlainGroup[] | undefined;

  at(site: number): Lines {
    let next = this.#below.get(site);
    if (next === undefined) this.#below.set(site, (next = new Lines()));
    return next;
  }
}

/** Plain tasks by the lines of their chains, the groups of the tops; chains with an await that `isNamed` tells are left out and given by their tops. */
export function* gatherPlain(
  tops: readonly PromiseRecord[],
  graph: AwaitGraph,
  isNamed: (wait: PromiseRecord) => boolean,
): Steps<{ groups: PlainGroup[]; named: PromiseRecord[] }> {
  const named: PromiseRecord[] = [];
  const all: PlainGroup[][] = [];
  const lines = new Lines();
  // Used for all: this is the way of 100,000 tasks.
  const chain: PromiseRecord[] = [];
  yield* each(tops, (top) => {
    chainBelow(top, graph, chain);
    if (chain.some(isNamed)) {
      named.push(top);
      return;
    }
    let end = lines;
    for (const wait of chain) end = end.at(wait.chain?.[0] ?? -1);
    if (end.groups === undefined) all.push((end.groups = groupsFor(chain)));
    let group: PlainGroup | undefined = end.groups[0];
    for (let i = 0; group !== undefined; group = group.below) add(group, chain[i++] ?? top);
  });
  for (const group of all.flat()) group.more -= group.shown.length;
  return { groups: all.flatMap(([group]) => group ?? []), named };
}

function newPlainBranch(wait: PromiseRecord, isEnd: boolean): Branch {
  const branch = newBranch(
    taskId(wait),
    (wait.owner ?? wait).atMs,
    'async',
    wait.chain?.[0],
    isEnd ? UNKNOWN : undefined,
  );
  branch.detached = wait.owner?.waiters === 0;
  branch.record = wait;
  return branch;
}

/** The branch of a plain task, with all below. */
export function plainBranch(top: PromiseRecord, graph: AwaitGraph): Branch {
  let children = NONE;
  for (const wait of chainBelow(top, graph).toReversed()) {
    const branch = newPlainBranch(wait, children.length === 0);
    branch.children = children;
    children = [branch];
  }
  return children[0] ?? newPlainBranch(top, true);
}

/** The branches of those of a group that are shown, without what is below: that are groups, too. */
export const shownOf = ({ shown, below: under }: PlainGroup): Branch[] =>
  shown.map((wait) => newPlainBranch(wait, under === undefined));

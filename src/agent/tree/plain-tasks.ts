/** Sums up what a large program mostly consists of: calls nobody awaits, suspended at a promise of which nothing is known. They are counted, not made into branches. */
import { isBookkeeper } from '../libraries/bookkeepers.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { siteAt } from '../stacks/sites.ts';
import { each, type Steps } from './slices.ts';
import { waitAt } from './unknown-waits.ts';

/** Members of a group of which more is told than that they are there. */
export const SHOWN = 50;

/** Plain tasks at one line. */
export interface PlainGroup {
  /** The oldest ones by number. */
  shown: PromiseRecord[];
  /** How many more there are. */
  more: number;
  /** When the first and the last of all of them began. Milliseconds. */
  fromMs: number;
  toMs: number;
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

/** Whether the task suspended in `wait` has nothing above and below, as far as promises tell; another source may lead to it all the same. */
export function isPlain(wait: PromiseRecord, graph: AwaitGraph): boolean {
  const { parent, owner, chain } = wait;
  const site = chain?.[0];
  if (parent === null || owner === null || site === undefined) return false;
  return (
    wait.isPending &&
    owner.isPending &&
    owner.waiters === 0 &&
    parent.isPending &&
    !parent.derived &&
    parent.waiters === 1 &&
    parent.source === null &&
    graph.unseen === 0 &&
    graph.running?.record !== wait &&
    isPlainSite(site) &&
    graph.suspendedIn.get(owner) === wait &&
    !graph.suspendedIn.has(parent) &&
    !graph.elements.has(parent) &&
    !graph.settledBy.has(parent) &&
    !graph.executors.has(parent) &&
    !graph.inferred.has(parent) &&
    !graph.inferred.has(wait)
  );
}

/** Whether one that was plain when last looked at is suspended there yet. */
const isStillPlain = ({ isPending, parent, owner }: PromiseRecord): boolean =>
  isPending && parent?.isPending === true && owner?.isPending === true;

/** Those of `likely` that are plain yet and to which no other source leads. The rest goes to `others`. */
export function* keepPlain(
  likely: readonly PromiseRecord[],
  isLed: (record: PromiseRecord) => boolean,
  others: PromiseRecord[],
): Steps<PromiseRecord[]> {
  const plain: PromiseRecord[] = [];
  yield* each(likely, (record) => {
    (isLed(record) || !isStillPlain(record) ? others : plain).push(record);
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

/** Plain tasks by line; those that `isNamed` tells are left out and given as they are. */
export function* gatherPlain(
  tasks: readonly PromiseRecord[],
  isNamed: (wait: PromiseRecord) => boolean,
): Steps<{ groups: PlainGroup[]; named: PromiseRecord[] }> {
  const named: PromiseRecord[] = [];
  const bySite = new Map<number, PlainGroup>();
  yield* each(tasks, (wait) => {
    if (isNamed(wait)) {
      named.push(wait);
      return;
    }
    const site = wait.chain?.[0] ?? -1;
    const { atMs } = wait.owner ?? wait;
    let group = bySite.get(site);
    if (group === undefined) bySite.set(site, (group = { shown: [], more: 0, fromMs: atMs, toMs: atMs }));
    group.fromMs = Math.min(group.fromMs, atMs);
    group.toMs = Math.max(group.toMs, atMs);
    group.more++;
    show(group.shown, wait);
  });
  const groups = [...bySite.values()];
  for (const group of groups) group.more -= group.shown.length;
  return { groups, named };
}

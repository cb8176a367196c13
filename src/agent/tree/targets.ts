/** Follows a promise to what settles it: another task, a combinator, or the end of what promises tell. */
import { isToldWhole } from '../libraries/bookkeepers.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { siteAt } from '../stacks/sites.ts';
import { isThenableWrapper } from '../owners/waiters.ts';
import { isMere } from '../resources/executor-notes.ts';

const MAX_HOPS = 100;

/**
 * Where a wait leads: another await, a combinator, or the end of what promises tell; `inferred` when a promise on the way is only likely, `passed` when the
 * way leads through a mere reaction that resolves a promise: something else may do so, too. `several`: any of these may settle it, as far as is known.
 */
export type Target =
  | { kind: 'await' | 'combinator'; record: PromiseRecord; inferred: boolean; passed: boolean }
  | { kind: 'leaf'; record: PromiseRecord; source: WaitSource | null; inferred: boolean }
  | { kind: 'several'; record: PromiseRecord; ways: readonly Target[] };

/** The end of what promises tell. */
export type Leaf = Extract<Target, { kind: 'leaf' }>;

/** Elements of `all`, `allSettled` and `any` carry the name; one that doesn't is of a race, or of a promise that only passes another on. */
export function isNamed(element: PromiseRecord, { raced }: Pick<AwaitGraph, 'raced'>): boolean {
  const first = element.chain?.[0];
  return !raced.has(element) && first !== undefined && siteAt(first).combinator !== undefined;
}

/** An await of Node's, or of a package that has told the whole wait. */
export function isInner({ chain }: PromiseRecord): boolean {
  const first = chain?.[0];
  return first !== undefined && (siteAt(first).isNodes || isToldWhole(siteAt(first).frame));
}

const stillPending = (record: PromiseRecord | undefined): PromiseRecord | undefined =>
  record?.isPending === true ? record : undefined;

/** A combinator subscribes to its elements at once: what came later are reactions that resolve the promise, `work().then(resolve)`. */
export const isLater = (elements: readonly PromiseRecord[], { segment }: PromiseRecord, graph: AwaitGraph): boolean =>
  elements.every((element) => element.segment !== segment && !isNamed(element, graph));

/** Not a combinator: what awaits it is shown to await the other promise directly. */
export function passesOn(record: PromiseRecord, graph: AwaitGraph): boolean {
  const elements = graph.elements.get(record) ?? [];
  const [only] = elements;
  return isLater(elements, record, graph) || (elements.length === 1 && only !== undefined && !isNamed(only, graph));
}

/** Those that were settled since the graph was made are passed over. `within`: also into what one of Node's functions does that tells its whole wait. */
export function follow(promise: PromiseRecord, graph: AwaitGraph, within = false): Target {
  let record = promise;
  let source: WaitSource | null = null;
  let inferred = false;
  let passed = false;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    source ??= record.source;
    if (!within && record.source?.isWhole?.() === true)
      return { kind: 'leaf', record, source: record.source, inferred };
    const isGuess: boolean = record.source?.isGuess === true;
    const told: PromiseRecord | undefined = isGuess ? undefined : stillPending(record.source?.next?.() ?? undefined);
    if (told !== undefined && told !== record) {
      // Nothing proves that V8's loop has not gone on to something else.
      if (record.source?.isOfLoop === true) passed = true;
      record = told;
      source = null;
      continue;
    }
    const suspended = stillPending(graph.suspendedIn.get(record));
    // Where nobody was known to wait, a guess counts as certain until something leads there.
    if (suspended !== undefined && !passed && graph.likelyOwners.has(suspended)) inferred = true;
    if (suspended !== undefined && !suspended.link) return { kind: 'await', record: suspended, inferred, passed };
    const elements = graph.elements.get(record);
    const only =
      elements?.length === 1 && elements[0] !== undefined && !isNamed(elements[0], graph) ? elements[0] : null;
    const passedOn = only?.parent ?? null;
    if (elements !== undefined && passedOn === null) {
      if (!isLater(elements, record, graph)) return { kind: 'combinator', record, inferred, passed };
      const ways = path.includes(record)
        ? []
        : waysFrom(record, elements, ({ parent }) => parent && follow(parent, graph, within));
      return ways.length > 0 ? { kind: 'several', record, ways } : { kind: 'leaf', record, source: null, inferred };
    }
    if (only !== null && graph.inferred.has(only)) inferred = true;
    if (passedOn !== null) passed = true;
    const next =
      passedOn ??
      suspended?.parent ??
      (record.derived && !isThenableWrapper(record) ? record.parent : null) ??
      source?.next?.() ??
      null;
    if (next === null) break;
    // A guess counts only where nothing else is known.
    if (isGuess && next === record.source?.next?.()) {
      inferred = true;
      source = null;
    }
    record = next;
  }
  const task = stillPending(graph.settledBy.get(record));
  if (task !== undefined) return { kind: 'await', record: task, inferred, passed };
  const end = record.source ?? source;
  const leaf: Target = { kind: 'leaf', record, source: end, inferred };
  const leads = graph.executors.get(record);
  return leads === undefined ? leaf : begun(leaf, leads, graph);
}

/** Promises from which several ways are being followed: they may lead to one another. */
const path: PromiseRecord[] = [];

/** What the executor of the promise has called goes on, or leads to what does; its own timer, such as a time limit, comes last. */
function begun(leaf: Leaf, leads: readonly PromiseRecord[], graph: AwaitGraph): Target {
  const { record, source } = leaf;
  if (path.includes(record) || source?.isOfCall === true) return leaf;
  const known = waysFrom(record, leads, (lead) =>
    isMere(lead) ? lead.parent && follow(lead.parent, graph) : taskAt(lead),
  );
  // Where nothing is known of any of them they say no more than the promise itself.
  if (known.every((way) => way.kind === 'leaf' && way.source === null)) return leaf;
  const all = source === null || source.isOver() ? known : [...known, leaf];
  return all.length === 1 && all[0] !== undefined ? all[0] : { kind: 'several', record, ways: all };
}

/** Where `leads` lead, each once; not those that have ended since. */
function waysFrom(
  record: PromiseRecord,
  leads: readonly PromiseRecord[],
  to: (lead: PromiseRecord) => Target | null,
): Target[] {
  const ways = new Map<PromiseRecord, Target>();
  path.push(record);
  try {
    for (const lead of leads) {
      const all = lead.isPending ? waysOf(to(lead)) : [];
      for (const way of all) if (way.record !== record) ways.set(way.record, likely(way));
    }
  } finally {
    path.pop();
  }
  return [...ways.values()];
}

const taskAt = (record: PromiseRecord): Target => ({ kind: 'await', record, inferred: true, passed: true });

function likely(way: Target): Target {
  if (way.kind === 'several') return way;
  return way.kind === 'leaf' ? { ...way, inferred: true } : { ...way, inferred: true, passed: true };
}

/** One by one. */
export function waysOf(to: Target | undefined | null): readonly Target[] {
  return to === undefined || to === null ? [] : to.kind === 'several' ? to.ways : [to];
}

/** What it awaited is there: its function goes on, or will at the next chance. */
export const goesOn = ({ isReady }: PromiseRecord): boolean => isReady;

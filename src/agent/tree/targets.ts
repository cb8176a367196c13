/** Follows a promise to what settles it: another task, a combinator, or the end of what promises tell. */
import { isToldWhole } from '../libraries/bookkeepers.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { siteAt } from '../stacks/sites.ts';
import { isThenableWrapper } from '../owners/waiters.ts';

const MAX_HOPS = 100;

/**
 * Where a wait leads: another await, a combinator, or the end of what promises tell; `inferred` when a promise on the way is only likely, `passed` when the
 * way leads through a mere reaction that resolves a promise: something else may do so, too.
 */
export type Target =
  | { kind: 'await' | 'combinator'; record: PromiseRecord; inferred: boolean; passed: boolean }
  | { kind: 'leaf'; record: PromiseRecord; source: WaitSource | null };

/** Elements of `all`, `allSettled` and `any` carry the name; one that doesn't is of a race, or of a promise that only passes another on. */
export function isNamed(element: PromiseRecord): boolean {
  const first = element.chain?.[0];
  return first !== undefined && siteAt(first).combinator !== undefined;
}

/** An await of Node's, or of a package that has told the whole wait. */
export function isInner({ chain }: PromiseRecord): boolean {
  const first = chain?.[0];
  return first !== undefined && (siteAt(first).isNodes || isToldWhole(siteAt(first).frame));
}

const stillPending = (record: PromiseRecord | undefined): PromiseRecord | undefined =>
  record?.isPending === true ? record : undefined;

/** Those that were settled since the graph was made are passed over. `within`: also into what one of Node's functions does that tells its whole wait. */
export function follow(promise: PromiseRecord, graph: AwaitGraph, within = false): Target {
  let record = promise;
  let source: WaitSource | null = null;
  let inferred = false;
  let passed = false;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    source ??= record.source;
    if (!within && record.source?.isWhole?.() === true) return { kind: 'leaf', record, source: record.source };
    const told: PromiseRecord | undefined = stillPending(record.source?.next?.() ?? undefined);
    if (told !== undefined && told !== record) {
      record = told;
      source = null;
      continue;
    }
    const suspended = stillPending(graph.suspendedIn.get(record));
    if (suspended !== undefined && !suspended.link) return { kind: 'await', record: suspended, inferred, passed };
    const elements = graph.elements.get(record);
    const only = elements?.length === 1 && elements[0] !== undefined && !isNamed(elements[0]) ? elements[0] : null;
    const passedOn = only?.parent ?? null;
    if (elements !== undefined && passedOn === null) return { kind: 'combinator', record, inferred, passed };
    if (only !== null && graph.inferred.has(only)) inferred = true;
    if (passedOn !== null) passed = true;
    const next =
      passedOn ??
      suspended?.parent ??
      (record.derived && !isThenableWrapper(record) ? record.parent : null) ??
      source?.next?.() ??
      null;
    if (next === null) break;
    record = next;
  }
  const task = stillPending(graph.settledBy.get(record));
  if (task !== undefined) return { kind: 'await', record: task, inferred, passed };
  const end = record.source ?? source;
  const begun = end === null ? stillPending(graph.executors.get(record)) : undefined;
  if (begun !== undefined) return { kind: 'await', record: begun, inferred: true, passed: true };
  return { kind: 'leaf', record, source: end };
}

/** What it awaited is there: its function goes on, or will at the next chance. */
export const goesOn = ({ isReady }: PromiseRecord): boolean => isReady;

/**
 * Proves of awaits of whose beginning no stack was taken that code is suspended there. V8's chain alone does not: that of a reaction which resolves another
 * promise, as `part.then(resolve)`, begins with the line that awaits the other one (Node 20 to 26). But then something waits for that other promise, which was
 * made before the reaction, and leads to the same line: where there is nothing of the kind at the moment of the question, it is the await itself.
 */
import { isOrphan, madeSince, promiseOf } from './promise-list.ts';
import type { PromiseRecord } from './promise-record.ts';
import { siteAt, siteOf } from '../stacks/sites.ts';
import { awaiters } from '../walks/probe.ts';

/** Asked for in one snapshot, the oldest first; 3 to 12 us each. */
const MAX_PROBES = 50;
const MAX_UNKNOWN = 100;
/** Of more promises this is not tried. */
const MAX_PENDING = 30_000;
const MAX_RIVALS = 50;

/** What else led to the same line when an await was proved: one of these may be the await, and the proved one a reaction. Itself proved in the same way. */
const proofs = new WeakMap<PromiseRecord, readonly PromiseRecord[]>();
/** Another attempt comes no sooner, milliseconds. */
const RETRY_MS = 500;
/** When to try again, milliseconds: with each attempt twice as late. */
const retryAt = new WeakMap<PromiseRecord, number>();

function isDue(record: PromiseRecord, nowMs: number): boolean {
  const { chain, line, parent } = record;
  const first = chain?.[0];
  if (line !== null || first === undefined || siteAt(first).frame === undefined) return false;
  if (proofs.has(record) || (retryAt.get(record) ?? 0) > nowMs) return false;
  return record.isPending && isOnlyWaiter(parent);
}

/** V8 walks on only from a promise with one reaction. */
const isOnlyWaiter = (parent: PromiseRecord | null): parent is PromiseRecord =>
  parent !== null && parent.isPending && parent.waiters === 1;

/** To be called in a snapshot, at one moment: `awaits` are suspended, `derived` all awaits and reactions made up to number `untilSeq`; both in order of creation. */
export function proveAwaits(
  awaits: readonly PromiseRecord[],
  { derived, untilSeq }: { derived: readonly PromiseRecord[]; untilSeq: number },
  nowMs: number,
): void {
  if (derived.length > MAX_PENDING) return;
  const due = awaits.filter((record) => isDue(record, nowMs)).slice(0, MAX_PROBES);
  const latest = due.at(-1);
  if (latest === undefined) return;
  for (const record of due) retryAt.set(record, nowMs + Math.max(RETRY_MS, nowMs - record.atMs));
  const others = [...derived, ...madeSince(untilSeq)].filter(
    ({ derived: isDerived, isPending, near }) => isDerived && isPending && isOnlyWaiter(near) && near.seq < latest.seq,
  );
  const unknown = others.filter(({ chain }) => chain === null || chain.length === 0);
  if (unknown.length > MAX_UNKNOWN) return;
  const sites = firstSites(new Set([...due, ...unknown]));
  if (sites === undefined) return;
  const leading = new Map<number, PromiseRecord[]>();
  for (const other of others) {
    const site = sites.has(other) ? sites.get(other) : other.chain?.[0];
    if (site === undefined) continue;
    const list = leading.get(site);
    if (list === undefined) leading.set(site, [other]);
    else list.push(other);
  }
  for (const record of due) {
    const site = sites.get(record);
    if (site === undefined || site !== record.chain?.[0]) continue;
    const rivals = (leading.get(site) ?? []).filter(
      (rival) => rival !== record && rival.near !== null && rival.near.seq < record.seq,
    );
    if (rivals.length > MAX_RIVALS || !rivals.every((rival) => proofs.has(rival))) continue;
    proofs.set(record, rivals);
    // As good as a stack.
    if (rivals.length === 0) record.note().line = [site];
  }
}

/** Where V8's chains begin now; undefined when that can't be asked. */
function firstSites(records: ReadonlySet<PromiseRecord>): Map<PromiseRecord, number | undefined> | undefined {
  const asked = [...records].flatMap((record) => {
    const promise = record.near === null ? undefined : promiseOf(record.near);
    return promise === undefined ? [] : [{ record, promise }];
  });
  const chains = awaiters(
    asked.map(({ promise }) => promise),
    1,
  );
  if (chains === undefined) return undefined;
  return new Map(
    asked.map(({ record }, i) => {
      const first = chains[i]?.[0];
      return [record, first === undefined ? undefined : siteOf(first)];
    }),
  );
}

/** Of an await whose promise was collected. `open`: of one that it may depend on it is not known yet whether it can go on. */
export function proofOf(record: PromiseRecord): 'stands' | 'open' | 'none' {
  const rivals = proofs.get(record);
  if (rivals === undefined || rivals.some(({ isPending, ran }) => !isPending || ran)) return 'none';
  return rivals.every(isOrphan) ? 'stands' : 'open';
}

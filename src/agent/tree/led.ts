/** Notes to what the waits of one moment lead: what something leads to is no root of the tree. */
import { isBookkeeper } from '../libraries/bookkeepers.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { LargeSet } from './large.ts';
import { follow, isInner, type Target } from './targets.ts';

export interface Led {
  /** Awaits and combinators to which a wait leads. */
  readonly targets: LargeSet<PromiseRecord>;
  /** Node's own steps within a wait that is told as a whole. */
  readonly covered: LargeSet<PromiseRecord>;
  /** To be called with all awaits before anything is noted. */
  expect(wait: PromiseRecord): void;
  note(to: Target): void;
  has(record: PromiseRecord): boolean;
  /** A package's own await, that nobody awaits, of what a task of the program awaits, too. */
  isBookkeeping(record: PromiseRecord, to: () => Target | undefined): boolean;
}

function isOfBookkeeper({ chain }: PromiseRecord): boolean {
  const site = chain?.[0];
  return site !== undefined && isBookkeeper(site);
}

/** Nothing yet. */
export function newLed(graph: AwaitGraph): Led {
  const targets = new LargeSet<PromiseRecord>();
  const covered = new LargeSet<PromiseRecord>();
  /** What more than one awaits: only where awaits of bookkeepers are in question. */
  const shared = new Set<PromiseRecord>();
  const noted = new Set<PromiseRecord>();
  let hasBookkeepers = false;

  function cover(from: PromiseRecord): void {
    const to = follow(from, graph, true);
    if (to.kind !== 'await' || covered.has(to.record) || !isInner(to.record)) return;
    covered.add(to.record);
    if (to.record.parent !== null) cover(to.record.parent);
  }

  return {
    targets,
    covered,
    expect(wait) {
      hasBookkeepers ||= isOfBookkeeper(wait);
    },
    note(to) {
      if (to.kind === 'several') {
        for (const way of to.ways) this.note(way);
        return;
      }
      const { record } = to;
      if (hasBookkeepers) (noted.has(record) ? shared : noted).add(record);
      if (to.kind !== 'leaf') targets.add(record);
      else if (to.source?.isWhole?.() === true) cover(record);
    },
    has: (record) => targets.has(record) || covered.has(record),
    isBookkeeping(record, to) {
      if (!hasBookkeepers || !isOfBookkeeper(record)) return false;
      const target = to();
      return target !== undefined && shared.has(target.record);
    },
  };
}

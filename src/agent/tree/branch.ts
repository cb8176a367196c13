/** One node of the await tree, before equal ones are grouped. */
import type { Combinator, Wait } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { siteAt } from '../stacks/sites.ts';

/** One task before grouping. */
export interface Branch {
  id: number;
  atMs: number;
  kind: 'async' | 'combinator' | 'promise';
  site: number | undefined;
  combinator: Combinator | undefined;
  index: number | undefined;
  wait: Wait | undefined;
  /** Id of the ancestor it leads back to. */
  cycle: number | undefined;
  detached: boolean;
  inferred: boolean;
  /** What is below only passes its end on: something else may settle it, too. */
  passed: boolean;
  children: readonly Branch[];
  /** The await of a suspended function. */
  record: PromiseRecord | undefined;
  /** What it awaited is there. */
  goesOn: boolean;
  /** Equal for equal branches; given by groups.ts. */
  key: number | undefined;
}

/** Shared by all that await nothing else. */
export const NONE: readonly Branch[] = [];

/** What a task awaits, as in {@link Branch}; `cycle` when that is one of its own ancestors. */
export type Below = Pick<Branch, 'children' | 'cycle' | 'passed'>;

export const NOTHING: Below = { children: NONE, cycle: undefined, passed: false };

/** All that any of these is. */
export const together = (parts: readonly Below[]): Below => ({
  children: parts.flatMap(({ children }) => children),
  cycle: parts.find(({ cycle }) => cycle !== undefined)?.cycle,
  passed: parts.some(({ passed }) => passed),
});

/** Completes a branch. */
export function putBelow(branch: Branch, { children, cycle, passed }: Below): void {
  branch.children = children;
  branch.cycle = cycle;
  branch.passed = passed;
}

/** Complete but for what is below it. All branches have the same fields in the same order: V8 makes and reads them the faster for it. */
export function newBranch(
  id: number,
  atMs: number,
  kind: Branch['kind'],
  site: number | undefined,
  wait: Wait | undefined,
): Branch {
  return {
    id,
    atMs,
    kind,
    site,
    combinator: undefined,
    index: undefined,
    wait,
    cycle: undefined,
    detached: false,
    inferred: false,
    passed: false,
    children: NONE,
    record: undefined,
    goesOn: false,
    key: undefined,
  };
}

/** A `Promise.all` or its like, without what it waits for. */
export function newCombinator(
  record: PromiseRecord,
  elements: readonly PromiseRecord[],
  { raced }: Pick<AwaitGraph, 'raced'>,
): Branch {
  const branch = newBranch(record.seq, record.atMs, 'combinator', undefined, undefined);
  const element = elements.find((each) => !raced.has(each));
  const first = element?.chain?.[0];
  branch.combinator = (first === undefined ? undefined : siteAt(first).combinator) ?? 'race';
  return branch;
}

/** A loop inside Node that nobody awaits, such as the one that feeds a fetch's body; a request on its way is worth showing all the same. */
export function isInternal({ site, wait, children }: Branch): boolean {
  if (site === undefined || !siteAt(site).isNodes) return false;
  return wait?.facts.kind !== 'http' && children.every(isInternal);
}

/** Whether it, or anything below it, ends in a cycle. */
export function leadsBack(branch: Branch): boolean {
  return branch.cycle !== undefined || branch.children.some(leadsBack);
}

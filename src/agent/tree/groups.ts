/** Collapses equal tasks: same lines, same kind of wait, all the way down; grouping is display, the members keep their numbers. */
import type { TaskNode, Wait } from '../../protocol/agent.ts';
import type { Branch } from './branch.ts';
import type { FrameIndex } from './members.ts';
import { isFromBefore } from '../late/numbers.ts';
import { gatherPlain, plainBranch, SHOWN, shownOf, type PlainGroup } from './plain-tasks.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { each, sorted, type Steps } from './slices.ts';
import type { Forest } from './tree.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { LargeMap } from './large.ts';

/** What two waits must have in common to look alike. */
function waitKey(wait: Wait | undefined): string {
  if (wait === undefined) return '';
  const { facts } = wait;
  switch (facts.kind) {
    case 'socket':
      return `socket ${facts.remote ?? ''} ${facts.state} ${facts.request ?? ''} ${facts.queued === undefined}`;
    case 'timer':
      return `timer ${facts.api} ${facts.delayMs}`;
    case 'http':
      return `http ${facts.method ?? ''} ${facts.url ?? ''} ${facts.phase === 'socket'}`;
    case 'fs':
      return `fs ${facts.operation ?? ''} ${facts.path ?? ''}`;
    case 'dns':
      return `dns ${facts.host ?? ''}`;
    case 'thread-pool':
      return `pool ${facts.api} ${facts.algorithm ?? ''}`;
    case 'lock':
      return `lock ${facts.id ?? ''}`;
    case 'event':
      return facts.until === undefined
        ? `event ${facts.event ?? ''}`
        : `event ${facts.until} ${facts.emitter ?? ''} ${facts.piped === true} ${waitKey({ ...wait, facts: facts.subject ?? NOTHING })}`;
    default:
      return facts.kind;
  }
}

const NOTHING: Wait['facts'] = { kind: 'promise' };

/** What there is to say about tasks beyond their place. */
export interface Describe {
  /** Of a group. */
  members(members: readonly Branch[]): Steps<Partial<TaskNode>>;
  /** What tasks of one group have in common, as a key. */
  kind(branch: Branch): string;
  isNamed(wait: PromiseRecord): boolean;
}

/** Groups beside each other and in all, at most: the largest are listed. */
const MAX_BESIDE = 1000;
const MAX_GROUPS = 5000;
/** More kinds of tasks than there can be. */
const MAX_KEYS = 2 ** 21;
/** More tasks than there can be. */
const MAX_SIZE = 2 ** 31;

/** The nodes, and how many groups there are beyond the most that are listed, with how many tasks. */
export interface Grouped {
  tasks: TaskNode[];
  leftOut: { groups: number; tasks: number };
}

/** Groups the forest; groups are ordered by the number of their oldest member, so that they keep their places. */
export function* groupBranches(
  forest: Forest,
  graph: AwaitGraph,
  frameIndex: FrameIndex,
  describe: Describe,
  nowMs: number,
): Steps<Grouped> {
  const leftOut = { groups: 0, tasks: 0 };
  let room = MAX_GROUPS;
  const keys = new Map<string, number>();
  /** Of tasks that await a promise of which nothing is known, or one other task: by far the most in a large program. By site and the other's key. */
  const plainKeys = new Map<number, number>();
  /** Equal for the branches of its tasks. */
  const plainGroupKeys = new Map<PlainGroup, number>();

  function key(branch: Branch): number {
    return (branch.key ??= keyOf(branch));
  }

  function keyOf(branch: Branch): number {
    const { kind, site, wait, children, cycle, goesOn } = branch;
    const named = describe.kind(branch);
    const [child] = children;
    const isPlain =
      kind === 'async' &&
      named === '' &&
      site !== undefined &&
      cycle === undefined &&
      !goesOn &&
      (child === undefined ? wait?.facts.kind === 'promise' : children.length === 1 && wait === undefined);
    const plainKey = isPlain ? site * MAX_KEYS + (child === undefined ? 0 : key(child) + 1) : 0;
    const plain = isPlain ? plainKeys.get(plainKey) : undefined;
    if (plain !== undefined) return plain;
    const below = children.length === 0 ? '' : [...new Set(children.map(key))].sort((a, b) => a - b).join(',');
    const own = `${kind}|${named}|${site ?? ''}|${goesOn ? 'goes on' : ''}|${branch.combinator ?? ''}|${waitKey(wait)}|${cycle === undefined ? '' : 'cycle'}|${below}`;
    let number = keys.get(own);
    if (number === undefined) keys.set(own, (number = keys.size));
    if (isPlain) plainKeys.set(plainKey, number);
    return number;
  }

  function* group(
    branches: readonly Branch[],
    path: readonly Group[],
    plain: readonly PlainGroup[],
  ): Steps<{ nodes: TaskNode[]; cycle: number | undefined }> {
    const groups = new Map<number, Group>();
    const put = (branch: Branch, number: number): void => {
      let members = groups.get(number);
      if (members === undefined) groups.set(number, (members = new LargeMap()));
      if (!members.has(branch.id)) members.set(branch.id, branch);
    };
    yield* each(branches, (branch) => put(branch, key(branch)));
    /** Of a group, those of which there are no branches. */
    const counted = new Map<number, PlainGroup>();
    const addPlain = (own: PlainGroup): void => {
      const number = plainGroupKeys.get(own) ?? -1;
      for (const branch of shownOf(own)) put(branch, number);
      counted.set(number, own);
    };
    yield* each(plain, addPlain, 16);
    const nodes: TaskNode[] = [];
    let cycle: number | undefined;
    for (const [number, own] of yield* largest(groups, counted)) {
      // Tasks that lead to one another again, if only as a group: each of them ends in a cycle.
      const ancestor = path.find((above) => isWithin(own, above));
      if (ancestor === undefined) nodes.push(yield* node(own, path, counted.get(number)));
      else cycle = oldestOf(ancestor).id;
    }
    return { nodes: nodes.sort((a, b) => a.id - b.id), cycle };
  }

  function* largest(
    groups: ReadonlyMap<number, Group>,
    counted: ReadonlyMap<number, PlainGroup>,
  ): Steps<[number, Group][]> {
    const all = [...groups];
    const most = Math.min(MAX_BESIDE, room);
    room -= Math.min(most, all.length);
    if (all.length <= most) return all;
    const sizeOf = ([number, own]: [number, Group]): number => own.size + (counted.get(number)?.more ?? 0);
    const bySize = yield* sorted(all, (entry) => MAX_SIZE - sizeOf(entry));
    yield* each(bySize.slice(most), (entry) => {
      leftOut.groups++;
      leftOut.tasks += sizeOf(entry);
    });
    return bySize.slice(0, most);
  }

  function* node(own: Group, path: readonly Group[], others: PlainGroup | undefined): Steps<TaskNode> {
    const members = yield* sorted([...own.values()], ({ id }) => id);
    const oldest = oldestOf(own);
    const frame = oldest.site === undefined ? undefined : frameIndex(oldest.site);
    const index = members.length === 1 ? oldest.index : undefined;
    let from = others?.fromMs ?? Infinity;
    let to = others?.toMs ?? -Infinity;
    let inferred = false;
    let passed = false;
    let target: number | undefined;
    const children: Branch[] = [];
    yield* each(members, (member) => {
      from = Math.min(from, member.atMs);
      to = Math.max(to, member.atMs);
      inferred ||= member.inferred;
      passed ||= member.passed;
      target ??= member.cycle;
      for (const child of member.children) children.push(child);
    });
    const facts = yield* describe.members(members);
    const below = yield* group(children, [...path, own], others?.below === undefined ? [] : [others.below]);
    const ancestor =
      target === undefined ? undefined : [...path, own].find((above) => target !== undefined && above.has(target));
    const cycle = below.cycle ?? (ancestor === undefined ? target : oldestOf(ancestor).id);
    return {
      id: oldest.id,
      ids: members.slice(0, SHOWN).map((member) => member.id),
      count: members.length + (others?.more ?? 0),
      kind: oldest.kind,
      frames: frame === undefined ? [] : [frame],
      ...(oldest.combinator === undefined ? {} : { combinator: oldest.combinator }),
      ...(index === undefined ? {} : { index }),
      oldestMs: Math.max(0, nowMs - from),
      youngestMs: Math.max(0, nowMs - to),
      ...(isFromBefore(from) ? { fromBefore: true } : {}),
      ...(oldest.wait === undefined ? {} : { wait: oldest.wait }),
      children: below.nodes,
      ...(oldest.detached ? { detached: true } : {}),
      ...(cycle === undefined ? {} : { cycle }),
      ...(passed ? { passed } : {}),
      confidence: inferred ? 'inferred' : 'exact',
      ...facts,
    };
  }

  // Children come first: to give a key never goes deep.
  yield* each(forest.branches, key);
  const { groups, named } = yield* gatherPlain(forest.plain, graph, describe.isNamed);
  const roots = [...forest.roots];
  yield* each(named, (wait) => roots.push(plainBranch(wait, graph)));
  const giveKeys = (top: PlainGroup): void => {
    const [oldest] = top.shown;
    let branch = oldest && plainBranch(oldest, graph);
    for (let own: PlainGroup | undefined = top; own !== undefined && branch !== undefined; own = own.below) {
      plainGroupKeys.set(own, key(branch));
      branch = branch.children[0];
    }
  };
  yield* each(groups, giveKeys, 16);
  const { nodes } = yield* group(roots, [], groups);
  return { tasks: nodes, leftOut };
}

/** Equal tasks by number. */
type Group = LargeMap<number, Branch>;

function isWithin(members: Group, above: Group): boolean {
  for (const id of members.keys()) if (!above.has(id)) return false;
  return true;
}

function oldestOf(members: Group): Branch {
  let oldest: Branch | undefined;
  for (const member of members.values()) if (oldest === undefined || member.id < oldest.id) oldest = member;
  if (oldest === undefined) throw new RangeError('a group without members');
  return oldest;
}

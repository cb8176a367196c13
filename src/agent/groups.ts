/** Collapses equal tasks: same lines, same kind of wait, all the way down; grouping is display, the members keep their numbers. */
import type { TaskNode, Wait } from '../protocol/agent.ts';
import type { FrameIndex } from './members.ts';
import type { Branch } from './tree.ts';

const MAX_IDS = 50;

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
      return `http ${facts.method ?? ''} ${facts.url ?? ''}`;
    case 'fs':
      return `fs ${facts.operation ?? ''} ${facts.path ?? ''}`;
    case 'dns':
      return `dns ${facts.host ?? ''}`;
    case 'lock':
      return `lock ${facts.id ?? ''}`;
    case 'event':
      return `event ${facts.event ?? ''}`;
    default:
      return facts.kind;
  }
}

/** What there is to say about tasks beyond their place. */
export interface Describe {
  /** Of a group. */
  members(members: readonly Branch[]): Partial<TaskNode>;
  /** What tasks of one group have in common, as a key. */
  kind(branch: Branch): string;
}

/** Groups the forest; groups are ordered by their oldest member. */
export function groupBranches(
  roots: readonly Branch[],
  frameIndex: FrameIndex,
  describe: Describe,
  nowMs: number,
): TaskNode[] {
  const keys = new Map<string, number>();
  const keyOf = new Map<Branch, number>();

  function key(branch: Branch): number {
    const known = keyOf.get(branch);
    if (known !== undefined) return known;
    const below = [...new Set(branch.children.map(key))].sort((a, b) => a - b).join(',');
    const own = `${branch.kind}|${describe.kind(branch)}|${branch.site ?? ''}|${branch.goesOn === true ? 'goes on' : ''}|${branch.combinator ?? ''}|${waitKey(branch.wait)}|${branch.cycle === undefined ? '' : 'cycle'}|${below}`;
    let number = keys.get(own);
    if (number === undefined) keys.set(own, (number = keys.size));
    keyOf.set(branch, number);
    return number;
  }

  function group(
    branches: readonly Branch[],
    path: readonly Group[],
  ): { nodes: TaskNode[]; cycle: number | undefined } {
    const groups = new Map<number, Group>();
    for (const branch of branches) {
      const number = key(branch);
      const members = groups.get(number);
      if (members === undefined) groups.set(number, new Map([[branch.id, branch]]));
      else if (!members.has(branch.id)) members.set(branch.id, branch);
    }
    const nodes: TaskNode[] = [];
    let cycle: number | undefined;
    for (const members of groups.values()) {
      // Tasks that lead to one another again, if only as a group: each of them ends in a cycle.
      const ancestor = path.find((above) => [...members.keys()].every((id) => above.has(id)));
      if (ancestor === undefined) nodes.push(node(members, path));
      else cycle = oldestOf(ancestor).id;
    }
    return { nodes: nodes.sort((a, b) => b.oldestMs - a.oldestMs || a.id - b.id), cycle };
  }

  function node(own: Group, path: readonly Group[]): TaskNode {
    const members = [...own.values()].sort((a, b) => a.id - b.id);
    const oldest = oldestOf(own);
    const frame = oldest.site === undefined ? undefined : frameIndex(oldest.site);
    const index = members.length === 1 ? oldest.index : undefined;
    const ages = members.map(({ atMs }) => Math.max(0, nowMs - atMs));
    const below = group(
      members.flatMap((member) => member.children),
      [...path, own],
    );
    const target = members.find((member) => member.cycle !== undefined)?.cycle;
    const ancestor = target === undefined ? undefined : [...path, own].find((above) => above.has(target));
    const cycle = below.cycle ?? (ancestor === undefined ? target : oldestOf(ancestor).id);
    return {
      id: oldest.id,
      ids: members.slice(0, MAX_IDS).map((member) => member.id),
      count: members.length,
      kind: oldest.kind,
      frames: frame === undefined ? [] : [frame],
      ...(oldest.combinator === undefined ? {} : { combinator: oldest.combinator }),
      ...(index === undefined ? {} : { index }),
      oldestMs: ages.reduce((a, b) => Math.max(a, b)),
      youngestMs: ages.reduce((a, b) => Math.min(a, b)),
      ...(oldest.wait === undefined ? {} : { wait: oldest.wait }),
      children: below.nodes,
      ...(oldest.detached ? { detached: true } : {}),
      ...(cycle === undefined ? {} : { cycle }),
      confidence: members.some((member) => member.inferred) ? 'inferred' : 'exact',
      ...describe.members(members),
    };
  }

  return group(roots, []).nodes;
}

/** Equal tasks by number. */
type Group = Map<number, Branch>;

function oldestOf(members: Group): Branch {
  return [...members.values()].reduce((a, b) => (b.id < a.id ? b : a));
}

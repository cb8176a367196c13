/** Collapses equal tasks: same lines, same kind of wait, all the way down; grouping is display, the members keep their numbers. */
import type { TaskNode, Wait } from '../protocol/agent.ts';
import type { Branch } from './tree.ts';

const MAX_IDS = 50;

/** What two waits must have in common to look alike. */
function waitKey(wait: Wait | undefined): string {
  if (wait === undefined) return '';
  const { facts } = wait;
  switch (facts.kind) {
    case 'socket':
      return `socket ${facts.remote ?? ''} ${facts.state}`;
    case 'timer':
      return `timer ${facts.api} ${facts.delayMs}`;
    case 'http':
      return `http ${facts.method ?? ''} ${facts.url ?? ''}`;
    case 'fs':
      return `fs ${facts.operation ?? ''} ${facts.path ?? ''}`;
    case 'dns':
      return `dns ${facts.host ?? ''}`;
    case 'event':
      return `event ${facts.event ?? ''}`;
    default:
      return facts.kind;
  }
}

/** Gives frames their index in the snapshot's table. */
export type FrameIndex = (site: number) => number | undefined;

/** Groups the forest; groups are ordered by their oldest member. */
export function groupBranches(roots: readonly Branch[], frameIndex: FrameIndex, nowMs: number): TaskNode[] {
  const keys = new Map<string, number>();
  const keyOf = new Map<Branch, number>();

  function key(branch: Branch): number {
    const known = keyOf.get(branch);
    if (known !== undefined) return known;
    const below = [...new Set(branch.children.map(key))].sort((a, b) => a - b).join(',');
    const own = `${branch.kind}|${branch.site ?? ''}|${branch.combinator ?? ''}|${waitKey(branch.wait)}|${branch.cycle === undefined ? '' : 'cycle'}|${below}`;
    let number = keys.get(own);
    if (number === undefined) keys.set(own, (number = keys.size));
    keyOf.set(branch, number);
    return number;
  }

  function group(branches: readonly Branch[]): TaskNode[] {
    const groups = new Map<number, Map<number, Branch>>();
    for (const branch of branches) {
      const number = key(branch);
      const members = groups.get(number);
      if (members === undefined) groups.set(number, new Map([[branch.id, branch]]));
      else if (!members.has(branch.id)) members.set(branch.id, branch);
    }
    return [...groups.values()]
      .map((members) => node([...members.values()]))
      .sort((a, b) => b.oldestMs - a.oldestMs || a.id - b.id);
  }

  function node(members: Branch[]): TaskNode {
    members.sort((a, b) => a.id - b.id);
    const oldest = members[0] as Branch;
    const frame = oldest.site === undefined ? undefined : frameIndex(oldest.site);
    const index = members.length === 1 ? oldest.index : undefined;
    let from = Infinity;
    let to = -Infinity;
    for (const { atMs } of members) {
      from = Math.min(from, atMs);
      to = Math.max(to, atMs);
    }
    return {
      id: oldest.id,
      ids: members.slice(0, MAX_IDS).map((member) => member.id),
      count: members.length,
      kind: oldest.kind,
      frames: frame === undefined ? [] : [frame],
      ...(oldest.combinator === undefined ? {} : { combinator: oldest.combinator }),
      ...(index === undefined ? {} : { index }),
      oldestMs: Math.max(0, nowMs - from),
      youngestMs: Math.max(0, nowMs - to),
      ...(oldest.wait === undefined ? {} : { wait: oldest.wait }),
      children: group(members.flatMap((member) => member.children)),
      ...(oldest.detached ? { detached: true } : {}),
      ...(oldest.cycle === undefined ? {} : { cycle: oldest.cycle }),
      confidence: members.some((member) => member.inferred) ? 'inferred' : 'exact',
    };
  }

  return group(roots);
}

/** `await-cycle`: tasks that wait for each other through promises and can never go on. */
import type { Finding } from '../../protocol/report.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, walkChains } from '../chains.ts';
import { taskName } from '../tree/tree-tasks.ts';
import type { Rule } from './rule.ts';

/** One finding per cycle, the other tasks of it as related. One by guessed owners is told only when the loop ran dry: then nothing else can settle it. */
export const awaitCycle: Rule = ({ program: { snapshot, atExit }, sources }) => {
  const findings = new Map<string, Finding>();
  for (const members of snapshot === undefined ? [] : cyclesOf(chainsOf(snapshot, sources))) {
    if (!isProved(members) && atExit?.drained !== true) continue;
    const key = members
      .map(({ node }) => node.id)
      .toSorted((a, b) => a - b)
      .join(' ');
    if (!findings.has(key)) findings.set(key, findingOf(members));
  }
  return [...findings.values()];
};

const isProved = (members: readonly ChainTask[]): boolean => members.every(({ node }) => node.confidence === 'exact');

/** Each cycle as the path from the task that is awaited again down to the one that awaits it. */
export function cyclesOf(chains: readonly ChainTask[]): ChainTask[][] {
  const cycles: ChainTask[][] = [];
  walkChains(chains, (task, ancestors) => {
    const { cycle } = task;
    if (cycle === undefined) return;
    const path = [...ancestors, task];
    const start = path.findIndex(({ covers }) => covers.includes(cycle));
    if (start >= 0) cycles.push(path.slice(start));
  });
  return cycles;
}

function findingOf(members: ChainTask[]): Finding {
  const [first] = members;
  const location = members.find(({ place }) => place?.location !== undefined)?.place?.location;
  const count = first?.node.count ?? 1;
  return {
    rule: 'await-cycle',
    severity: 'error',
    confidence: isProved(members) ? 'proved' : 'likely',
    message: `${fact(members)}${count > 1 ? ` (${count} times)` : ''}. Let one of them go on without awaiting the other.`,
    ...(location === undefined ? {} : { location }),
    related: members.map((member, index) => {
      const next = members[(index + 1) % members.length] ?? member;
      const place = member.place?.location;
      return {
        message: `${taskName(member)} waits here for ${next === member ? 'itself' : taskName(next)}`,
        ...(place === undefined ? {} : { location: place }),
      };
    }),
    data: { tasks: members.length, count },
  };
}

function fact(members: readonly ChainTask[]): string {
  const names = [...new Set(members.filter(({ node }) => node.kind !== 'combinator').map(taskName))];
  if (names.length < 2) return `Deadlock: ${names[0] ?? 'a task'} waits for itself`;
  return `Deadlock: ${names.slice(0, -1).join(', ')} and ${names.at(-1)} wait for each other`;
}

/** `await-cycle`: tasks that wait for each other through promises and can never go on. */
import type { Finding } from '../../protocol/report.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf } from '../chains.ts';
import { circlesIn, isClosed } from '../cycles.ts';
import { taskName } from '../tree/tree-tasks.ts';
import type { Rule, RuleContext } from './rule.ts';

/** One finding per cycle, the other tasks of it as related. */
export const awaitCycle: Rule = (context) => {
  const findings = new Map<string, Finding>();
  for (const members of deadlockedTasks(context)) {
    const key = members
      .map(({ node }) => node.id)
      .toSorted((a, b) => a - b)
      .join(' ');
    if (!findings.has(key)) findings.set(key, findingOf(members));
  }
  return [...findings.values()];
};

/** The cycles that are told. One by guessed owners, or out of which something else may lead, only when the loop ran dry: then nothing else can. */
export function deadlockedTasks({ program: { snapshot, atExit }, sources }: RuleContext): (readonly ChainTask[])[] {
  if (snapshot === undefined) return [];
  return circlesIn(chainsOf(snapshot, sources)).filter((members) => atExit?.drained === true || isProved(members));
}

const isProved = (members: readonly ChainTask[]): boolean =>
  isClosed(members) && members.every(({ node }) => node.confidence === 'exact');

function findingOf(members: readonly ChainTask[]): Finding {
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

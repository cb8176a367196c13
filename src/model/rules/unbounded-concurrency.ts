/** `unbounded-concurrency`: thousands of equal tasks at once, with nothing that limits them. */
import type { Snapshot, WaitFacts } from '../../protocol/agent.ts';
import type { Finding } from '../../protocol/report.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, walkChains } from '../chains.ts';
import { lineKey } from '../place.ts';
import { CROWD } from '../program.ts';
import type { Sources } from '../sources.ts';
import { taskName } from '../tree/tree-tasks.ts';
import { countOf, waitDetail } from '../wording/wording.ts';
import type { Rule } from './rule.ts';

/** Tasks that nobody awaits together count when they were begun within this time. Milliseconds. */
const BURST_MS = 500;

/** What most wait for need not be known of all, for finding it out has its limits; those who wait for a hand-written limit are many more. */
const KNOWN = 0.25;

/** Tasks at one line. */
interface Crowd {
  tasks: ChainTask[];
  count: number;
  /** Some of them are elements of one combinator. */
  isTogether: boolean;
  /** Lines of those who await them. */
  above: Set<string | undefined>;
}

/** One finding per line, of the moment with most tasks: a fact of the past. */
export const unboundedConcurrency: Rule = ({ program: { crowded }, sources }) =>
  crowded === undefined ? [] : crowdsIn(crowded, sources).flatMap(findingOf);

/** By line, wherever they stand; of lines that lead to one another the one nearest to the root. */
function crowdsIn(snapshot: Snapshot, sources: Sources): Crowd[] {
  const chains = chainsOf(snapshot, sources);
  const lines = new Map<string, Crowd>();
  walkChains(chains, (task, ancestors) => {
    const key = lineOf(task);
    if (key === undefined || ancestors.some((ancestor) => lineOf(ancestor) === key)) return;
    const crowd = lines.get(key) ?? { tasks: [], count: 0, isTogether: false, above: new Set() };
    lines.set(key, crowd);
    crowd.tasks.push(task);
    crowd.count += task.node.count;
    crowd.isTogether ||= ancestors.at(-1)?.node.kind === 'combinator';
    for (const ancestor of ancestors) crowd.above.add(lineOf(ancestor));
  });
  const isCrowd = (line: string | undefined): boolean => line !== undefined && (lines.get(line)?.count ?? 0) >= CROWD;
  return [...lines.values()].filter(
    (crowd) => crowd.count >= CROWD && ![...crowd.above].some(isCrowd) && (crowd.isTogether || isBurst(crowd)),
  );
}

/** Undefined for tasks that are not the user's own. */
function lineOf({ node, place }: ChainTask): string | undefined {
  const isUsers = node.kind === 'async' && place?.location !== undefined && place.library === undefined;
  return isUsers ? lineKey(place.location) : undefined;
}

/** Requests and connections come one by one from outside; a loop begins its tasks at once. */
function isBurst({ tasks }: Crowd): boolean {
  if (tasks.some(({ name }) => name !== undefined)) return false;
  const begun = tasks.flatMap(({ node }) => [node.oldestMs, node.youngestMs]);
  return begun.reduce((a, b) => Math.max(a, b)) - begun.reduce((a, b) => Math.min(a, b)) <= BURST_MS;
}

function findingOf({ tasks, count }: Crowd): Finding[] {
  const waits = new Map<string, { facts: WaitFacts; count: number }>();
  walkChains(tasks, ({ wait, children, node }) => {
    if (children.length > 0 || wait === undefined || wait.facts.kind === 'promise') return;
    const { facts } = wait;
    const kind = usesUp(facts) ? facts.kind : 'other';
    waits.set(kind, { facts, count: (waits.get(kind)?.count ?? 0) + node.count });
  });
  const most = [...waits].toSorted(([, a], [, b]) => b.count - a.count)[0];
  const [first] = tasks;
  if (most === undefined || most[0] === 'other' || first?.place?.location === undefined) return [];
  if (most[1].count < KNOWN * count) return [];
  return [
    {
      rule: 'unbounded-concurrency',
      severity: 'warning',
      confidence: 'likely',
      message: `${countOf(count, 'call')} of ${taskName(first)} were under way at once, each with its own use of ${most[0]}. Limit how many run at a time, for example with p-limit, or work through them in batches.`,
      location: first.place.location,
      related: [{ message: `one of them waited for ${waitDetail(most[1].facts)}` }],
      data: { count, kind: most[0] },
    },
  ];
}

/** Whether each such wait takes something of which there are few: descriptors, ports, threads, processes. What a lock or an agent's queue holds back is limited already. */
function usesUp(facts: WaitFacts): boolean {
  switch (facts.kind) {
    case 'http':
      return facts.server !== true && facts.phase !== 'socket';
    case 'socket':
      return facts.state === 'connecting' || facts.request !== undefined;
    case 'dns':
    case 'fs':
    case 'child-process':
      return true;
    default:
      return false;
  }
}

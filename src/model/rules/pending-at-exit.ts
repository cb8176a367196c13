/** `pending-at-exit`: the program ended while tasks were still waiting. */
import type { Snapshot, Wait, WaitKind } from '../../protocol/agent.ts';
import type { Finding, Location } from '../../protocol/report.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, walkChains } from '../chains.ts';
import { deadChains, linesBehind } from '../dead-chains.ts';
import { deadlocksIn } from '../locks/deadlocks.ts';
import { handDeadlocks } from '../locks/hand-locks.ts';
import { lineKey } from '../place.ts';
import { taskName } from '../tree/tree-tasks.ts';
import { countOf, waitDetail } from '../wording/wording.ts';
import { deadlockedTasks } from './await-cycle.ts';
import { floatingAwaits } from './floating-promise.ts';
import type { Rule } from './rule.ts';
import { topLevelChain, UNSETTLED_EXIT_CODE } from './unsettled-top-level-await.ts';

interface AwaitLine {
  name: string;
  location: Location | undefined;
  count: number;
  oldestMs: number;
  wait: string | undefined;
}

/** One finding in all, each await line as related. Left out: deadlocks, dead, floating and top-level awaits (told by their own rules) and waits for unreferenced resources. */
export const pendingAtExit: Rule = (context) => {
  const { program, sources, isSilenced } = context;
  const { snapshot, atExit } = program;
  if (snapshot === undefined || atExit === undefined) return [];
  const chains = chainsOf(snapshot, sources);
  const told = new Set([
    ...deadlockedTasks(context).flat(),
    ...deadlocksIn(snapshot, sources).waits.map(({ task }) => task),
    ...handDeadlocks(snapshot, sources, atExit.drained === true)
      .flat()
      .map(({ task }) => task),
  ]);
  const topLevel = atExit.exitCode === UNSETTLED_EXIT_CODE ? topLevelChain(chains) : undefined;
  const elsewhere = new Set([...linesBehind(deadChains(snapshot, sources)), ...floatingAwaits(context)]);
  const lines = awaitLines(
    chains.filter((chain) => chain !== topLevel),
    snapshot,
    (task) => told.has(task) || isBackground(task, snapshot),
  ).filter(({ location }) => !isSilenced(location) && !elsewhere.has(lineKey(location)));
  const [first] = lines;
  if (first === undefined) return [];
  const drained = atExit.drained ?? !snapshot.resources.some(({ ref }) => ref);
  const count = lines.reduce((sum, line) => sum + line.count, 0);
  const finding: Finding = {
    rule: 'pending-at-exit',
    severity: drained ? 'warning' : 'info',
    confidence: atExit.drained === undefined ? 'likely' : 'proved',
    message: drained ? ranDry(count) : wasEnded(count),
    ...(first.location === undefined ? {} : { location: first.location }),
    related: lines.map(related),
    data: { count, lines: lines.length, drained },
  };
  return [finding];
};

function ranDry(count: number): string {
  return `The program ran out of work and ended while ${countOf(count, 'await')} ${count === 1 ? 'was' : 'were'} pending. Make sure that whatever should settle ${count === 1 ? 'it' : 'them'} always does, or reject on a timeout.`;
}

function wasEnded(count: number): string {
  return `The program was ended (process.exit or an exception) while ${countOf(count, 'await')} ${count === 1 ? 'was' : 'were'} pending. Await the work before ending it if its result matters.`;
}

function related({ name, location, count, wait }: AwaitLine): Finding['related'][number] {
  const times = count === 1 ? '' : `, ${count} times`;
  return {
    message: `${name} still waits here${wait === undefined ? '' : ` for ${wait}`}${times}`,
    ...(location === undefined ? {} : { location }),
  };
}

/** The user's innermost await of every chain, oldest first; what libraries keep waiting among themselves is their affair. */
function awaitLines(
  chains: readonly ChainTask[],
  snapshot: Snapshot,
  isLeftOut: (task: ChainTask) => boolean,
): AwaitLine[] {
  const lines = new Map<string, AwaitLine>();
  walkChains(chains, (task, ancestors) => {
    if (task.children.length > 0 || [task, ...ancestors].some(isLeftOut)) return;
    // The one that called `process.exit` waits for nothing.
    const count = task.node.count - (task.node.state === 'running' ? 1 : 0);
    if (count === 0) return;
    const owner = [task, ...ancestors.toReversed()].find(isUsers);
    if (owner === undefined) return;
    const location = owner.place?.location;
    const key = lineKey(location) || `#${owner.node.id}`;
    const line = lines.get(key);
    if (line !== undefined) {
      line.count += count;
      line.oldestMs = Math.max(line.oldestMs, task.node.oldestMs);
      return;
    }
    const wait = waitText(task, snapshot);
    lines.set(key, { name: taskName(owner), location, count, oldestMs: task.node.oldestMs, wait });
  });
  return [...lines.values()].toSorted((a, b) => b.oldestMs - a.oldestMs);
}

function isUsers({ node, place }: ChainTask): boolean {
  return node.kind === 'async' && place !== undefined && place.library === undefined;
}

/** Requests are always referenced: one that is not listed any more is over, and only its promise was forgotten. */
const REQUESTS: ReadonlySet<WaitKind> = new Set(['fs', 'dns', 'immediate']);

function isListed({ resource }: Wait, snapshot: Snapshot): boolean {
  return snapshot.resources.some(({ id, ref }) => id === resource && ref);
}

/** Waiting for something that was told not to keep the process alive is meant to be cut off; such resources need not be in the snapshot. */
function isBackground({ wait }: ChainTask, snapshot: Snapshot): boolean {
  return wait?.resource !== undefined && !REQUESTS.has(wait.facts.kind) && !isListed(wait, snapshot);
}

/** What it waits for, in words; nothing when that is over. */
function waitText({ wait }: ChainTask, snapshot: Snapshot): string | undefined {
  if (wait === undefined) return undefined;
  const isOver = wait.resource !== undefined && !isListed(wait, snapshot);
  return isOver ? undefined : waitDetail(wait.facts);
}

/** `long-wait`: an await that should have been over long ago. */
import type { WaitFacts } from '../../protocol/agent.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, walkChains } from '../chains.ts';
import { lineKey } from '../place.ts';
import { taskName } from '../tree/tree-tasks.ts';
import { durationText, waitDetail } from '../wording/wording.ts';
import type { Rule } from './rule.ts';

/** One finding per line and thing waited for; timers, servers, events and idle connections are meant to be waited for. */
export const longWait: Rule = ({ program: { snapshot, atExit }, settings, sources }) => {
  if (snapshot === undefined || atExit !== undefined) return [];
  const waits = new Map<string, { owner: ChainTask; facts: WaitFacts; awaitMs: number; count: number }>();
  walkChains(chainsOf(snapshot, sources), (task, ancestors) => {
    const { wait, children } = task;
    if (children.length > 0 || wait === undefined || !isToEnd(wait.facts)) return;
    const owner = [task, ...ancestors.toReversed()].find(isUsers);
    const awaitMs = owner?.node.awaitMs ?? 0;
    if (owner === undefined || awaitMs < settings.longWait.minMs) return;
    const key = `${wait.facts.kind} ${lineKey(owner.place?.location)}`;
    const known = waits.get(key);
    const count = (known?.count ?? 0) + task.node.count;
    const isLonger = known === undefined || awaitMs > known.awaitMs;
    waits.set(key, isLonger ? { owner, facts: wait.facts, awaitMs, count } : { ...known, count });
  });
  return [...waits.values()].map(({ owner, facts, awaitMs, count }) => {
    const location = owner.place?.location;
    const others = count === 1 ? '' : ` (the longest of ${count})`;
    return {
      rule: 'long-wait',
      severity: 'info',
      confidence: 'proved',
      message: `${taskName(owner)} has been waiting here for ${durationText(awaitMs)}${others}: ${waitDetail(facts)}. Set a time limit if that can take for ever.`,
      ...(location === undefined ? {} : { location }),
      related: [],
      data: { awaitMs, count },
    };
  });
};

function isUsers({ node, place }: ChainTask): boolean {
  return node.kind === 'async' && place !== undefined && place.library === undefined;
}

/** Whether it is something that ends by itself soon, when all is well. */
function isToEnd(facts: WaitFacts): boolean {
  switch (facts.kind) {
    case 'http':
      return facts.server !== true;
    case 'socket':
      return facts.lasting !== true && (facts.state === 'connecting' || facts.request !== undefined);
    case 'dns':
    case 'fs':
    case 'lock':
      return true;
    default:
      return false;
  }
}

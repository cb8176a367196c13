/** `unsettled-top-level-await`: Node gave up with exit code 13, because a module's top-level await can't settle any more. */
import type { Finding, Location } from '../../protocol/report.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, walkChains } from '../chains.ts';
import type { DeadChain } from '../dead-chains.ts';
import { deadChains } from '../dead-chains.ts';
import { sameLine, shortPlace } from '../place.ts';
import { mayBeModule } from '../source/function-names.ts';
import { taskName } from '../tree/tree-tasks.ts';
import { waitDetail } from '../wording/wording.ts';
import type { Rule } from './rule.ts';

/** Node's exit code for it. */
export const UNSETTLED_EXIT_CODE = 13;

/** At the top-level await itself, the rest of its chain as related. */
export const unsettledTopLevelAwait: Rule = ({ program, sources }) => {
  const { snapshot, atExit, exit } = program;
  // `process.exit(13)` leaves the loop undrained; without an exit event there is only the code to go by.
  const code = atExit?.exitCode ?? exit?.code;
  if (code !== UNSETTLED_EXIT_CODE || atExit?.drained === false) return [];
  const chain = snapshot === undefined ? undefined : topLevelChain(chainsOf(snapshot, sources));
  const dead = deadChains(snapshot, sources).filter(({ callers }) => mayBeModule(callers.at(-1)?.name));
  const location = chain?.place?.location ?? dead[0]?.callers.at(-1)?.location;
  const where = location === undefined ? 'a top-level await' : `the top-level await at ${shortPlace(location)}`;
  return [
    {
      rule: 'unsettled-top-level-await',
      severity: 'error',
      confidence: atExit?.drained === true ? 'proved' : 'likely',
      message: `Node ended with exit code 13: ${where} never settled and nothing was left that could settle it. Make sure that what it awaits always resolves or rejects.`,
      ...(location === undefined ? {} : { location }),
      related: [...(chain === undefined ? [] : stepsOf(chain)), ...deadBelow(location, dead)],
      data: { exitCode: UNSETTLED_EXIT_CODE },
    },
  ];
};

/** Awaits further in whose promise was garbage collected, and who awaits them. */
function deadBelow(topLevel: Location | undefined, dead: readonly DeadChain[]): Finding['related'] {
  return dead
    .filter(({ callers }) => sameLine(callers.at(-1)?.location, topLevel))
    .flatMap(({ place, callers }) => [place, ...callers.slice(0, -1)])
    .map(({ name, location }, i) => ({
      message: i === 0 ? `${name} waits here for a promise that was garbage collected` : `${name} waits here for it`,
      ...(location === undefined ? {} : { location }),
    }));
}

/** The chain of the module's own top-level await: the oldest root without a function name. */
export function topLevelChain(chains: readonly ChainTask[]): ChainTask | undefined {
  return chains
    .filter(({ node, stack }) => node.kind === 'async' && isModuleFrame(stack.at(-1)?.function))
    .toSorted((a, b) => b.node.oldestMs - a.node.oldestMs)[0];
}

function isModuleFrame(name: string | undefined): boolean {
  return name === '' || name === '<anonymous>';
}

function stepsOf(chain: ChainTask): Finding['related'] {
  const steps: Finding['related'] = [];
  walkChains([chain], (task, ancestors) => {
    const location = task.place?.location;
    const wait = task.children.length === 0 && task.wait !== undefined ? ` for ${waitDetail(task.wait.facts)}` : '';
    if (ancestors.length === 0 && wait === '') return;
    const name = ancestors.length === 0 ? 'the module' : taskName(task);
    steps.push({ message: `${name} waits here${wait}`, ...(location === undefined ? {} : { location }) });
  });
  return steps;
}

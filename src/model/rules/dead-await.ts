/** `dead-await`: code waits for a promise that was garbage collected while pending, so that nobody can ever settle it. */
import type { Finding } from '../../protocol/report.ts';
import type { DeadChain } from '../dead-chains.ts';
import { deadChains } from '../dead-chains.ts';
import { lineKey, sameLine } from '../place.ts';
import { sourceLine } from '../source/source-line.ts';
import { countOf } from '../wording/wording.ts';
import { mayBeModule } from '../source/function-names.ts';
import type { Rule } from './rule.ts';
import { unsettledTopLevelAwait } from './unsettled-top-level-await.ts';

/** `await new Promise(() => {})`: said in so many words that it is for ever. */
const FOR_EVER = /\bnew Promise(?:<[^>]*>)?\(\s*(?:\([^)]*\)|\w+)\s*=>\s*\{\s*\}\s*\)/;
/** A loop over events ends with whatever sends them. */
const LOOP = /\bfor\s+await\b/;

/** One finding per line of the program's own, at the innermost await; a fact of the past. Below a top-level await that ended the program it is that rule's. */
export const deadAwait: Rule = (context) => {
  const { program, sources } = context;
  const known = unsettledTopLevelAwait(context).flatMap(({ related }) => related);
  return byLine(deadChains(program.snapshot, sources)).flatMap((dead): Finding[] => {
    const { place, count, abandoned = false } = dead;
    const text = sourceLine(place.location, sources);
    if (FOR_EVER.test(text) || known.some(({ location }) => sameLine(location, place.location))) return [];
    return [
      {
        rule: 'dead-await',
        severity: abandoned || LOOP.test(text) ? 'info' : 'error',
        confidence: 'proved',
        message: `${fact(dead)}. ${advice(abandoned)}`,
        location: place.location,
        related: waiting(dead),
        data: { count, abandoned },
      },
    ];
  });
};

/** The chains that begin at one line are one. Where some callers have gone on, those count that have not. */
function byLine(chains: readonly DeadChain[]): DeadChain[] {
  const lines = new Map<string, DeadChain>();
  for (const chain of chains) {
    const key = lineKey(chain.place.location);
    const known = lines.get(key);
    lines.set(key, known === undefined ? chain : joined(known, chain));
  }
  return [...lines.values()];
}

function joined(one: DeadChain, other: DeadChain): DeadChain {
  const { abandoned: _, ...rest } = one;
  const count = one.count + other.count;
  if (one.abandoned === other.abandoned) return { ...one, count, callers: [...one.callers, ...other.callers] };
  return { ...rest, count, callers: one.abandoned === true ? other.callers : one.callers };
}

function fact({ place: { name }, count }: DeadChain): string {
  const who = mayBeModule(name) ? 'This await' : `The await in ${name}`;
  const times = count === 1 ? '' : ` (${countOf(count, 'time')})`;
  return `${who} can never go on: its promise was garbage collected while pending, so nothing was left that could settle it${times}`;
}

function advice(abandoned: boolean): string {
  return abandoned
    ? 'The caller has gone on without it, but what comes after this line never runs, not even a finally.'
    : 'Make sure that every path, errors too, resolves or rejects the promise, or limit the wait.';
}

function waiting({ callers, abandoned }: DeadChain): Finding['related'] {
  const lines = new Map(callers.map((caller) => [`${lineKey(caller.location)} ${caller.name}`, caller]));
  return [...lines.values()].map(({ name, location }) => ({
    message: abandoned === true ? `${name} awaited it here` : `${name} waits here for it for ever`,
    ...(location === undefined ? {} : { location }),
  }));
}

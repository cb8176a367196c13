/** Chooses the blocking calls of a source text that get a hint. */
import { isSilencedIn } from '../model/source/ignores.ts';
import type { Call } from './fixes/main.ts';

/** A call that gets a hint. */
export interface HintedCall extends Call {
  where: string;
}

/** Those by whose caller the loop is held; not at lines, from 0, where a run has told more, nor where a comment silences the rule. */
export function hintedCalls(text: string, calls: readonly Call[], told: ReadonlySet<number>): HintedCall[] {
  return calls.flatMap((call) => {
    const { where } = call;
    const line = text.slice(0, call.start).split('\n').length - 1;
    const isQuiet = where === undefined || told.has(line) || isSilencedIn(text, 'blocking-call', line + 1);
    return isQuiet ? [] : [{ ...call, where }];
  });
}

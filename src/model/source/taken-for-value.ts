/** Finds in source text promises that are taken for their values: tested or compared, and nothing else. */
import type { Location } from '../../protocol/report.ts';
import type { Sources } from '../sources.ts';
import { callAt, functionAt } from './call-writing.ts';
import type { Token } from './tokens.ts';

/** Whether all that is done with the promise that the call at this place gives is to ask whether it is true, or equal to something. */
export function isTakenForValue(location: Location, sources: Sources): boolean {
  const call = callAt(location, sources);
  if (call === undefined) return false;
  const { tokens, first, last } = call;
  if (isTested(tokens, first, last)) return true;
  const name = tokens[first - 2];
  if (tokens[first - 1]?.text !== '=' || !/^(?:const|let)$/.test(tokens[first - 3]?.text ?? '')) return false;
  const around = functionAt(location, sources);
  if (name?.kind !== 'word' || around === undefined || !/^(?:[;})]|\w+)$/.test(tokens[last + 1]?.text ?? ';'))
    return false;
  const uses: number[] = [];
  for (let i = around.from; i < around.to; i++) {
    if (i !== first - 2 && tokens[i]?.text === name.text && tokens[i - 1]?.text !== '.') uses.push(i);
  }
  return uses.length > 0 && uses.every((at) => isTested(tokens, at, at));
}

/** `!x`, `if (x)`, `while (x)`, `x === y`, `x ? y : z`. */
function isTested(tokens: readonly Token[], first: number, last: number): boolean {
  const textAt = (at: number): string => tokens[at]?.text ?? '';
  const [before, after, next] = [textAt(first - 1), textAt(last + 1), textAt(last + 2)];
  if (before === '!') return true;
  if (before === '(' && after === ')' && /^(?:if|while)$/.test(textAt(first - 2))) return true;
  if ((after === '=' || after === '!') && next === '=') return true;
  return after === '?' && next !== '.' && next !== '?' && /^(?:=|\(|return|=>|,)$/.test(before);
}

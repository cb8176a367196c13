/** Tells of an async function whether its result is all that calls of it are good for: it returns a value and changes nothing outside of itself. */
import type { Location } from '../../protocol/report.ts';
import type { Sources } from '../sources.ts';
import { functionAt } from './call-writing.ts';
import { changesOutside } from './harmless.ts';
import { isWriting } from './reading-names.ts';
import type { Token } from './tokens.ts';

/** Of the function around that place; false when its source can't be read, or has a form that is not understood. */
export function isForItsResult(inside: Location, sources: Sources): boolean {
  const text = functionAt(inside, sources);
  if (text?.isAsync !== true) return false;
  const { tokens, to } = text;
  const from = bodyFrom(tokens, text.from, to);
  if (from === undefined || !returnsValue(tokens, from, to)) return false;
  for (let i = from; i < to; i++) if (isWriting(tokens, i) || OUTPUT.has(tokens[i]?.text ?? '')) return false;
  return !changesOutside(tokens, { from, to });
}

/** What is shown to somebody is an effect. */
const OUTPUT = new Set(['console', 'stdout', 'stderr', 'yield']);

/** Behind the bracket of the function's body; undefined of one that is a mere expression. */
function bodyFrom(tokens: readonly Token[], from: number, to: number): number | undefined {
  const last = tokens[to - 1];
  return last?.text === '}' && last.pair > from ? last.pair + 1 : undefined;
}

/** Whether it has a `return` of its own with something behind it. */
function returnsValue(tokens: readonly Token[], from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const { text = '', pair = -1 } = tokens[i] ?? {};
    // What is in functions within is theirs.
    if (text === '{' && isFunctionBody(tokens, i) && pair > i) i = pair;
    else if (text === 'return' && !NOTHING.has(tokens[i + 1]?.text ?? ';')) return true;
  }
  return false;
}

const NOTHING = new Set([';', '}', 'undefined', 'void', 'null']);
const BLOCKS = new Set(['if', 'for', 'while', 'with', 'switch', 'catch', 'await']);

function isFunctionBody(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  if (before?.text === '=>') return true;
  return before?.text === ')' && !BLOCKS.has(tokens[before.pair - 1]?.text ?? '');
}

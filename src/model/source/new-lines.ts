/** Tells where a new line ends a statement that has no semicolon. */
import type { Token } from './tokens.ts';

/** Words after which an expression goes on in the next line. */
const GOING_ON = new Set(
  'void typeof delete new throw case in of instanceof extends default as satisfies await yield const let var'.split(
    ' ',
  ),
);
/** Words that go on with the expression of the line before. */
const JOINING = new Set(['in', 'of', 'instanceof', 'as', 'satisfies']);

/** Whether the token at that index is the first of a line and of a statement, though no semicolon or brace is before it. */
export function beginsByNewLine(tokens: readonly Token[], at: number, text: string): boolean {
  const before = tokens[at - 1];
  const token = tokens[at];
  if (before === undefined || token === undefined || !endsValue(before)) return false;
  const canBegin = token.kind === 'mark' ? /^[{!~@]$/.test(token.text) : !JOINING.has(token.text) && token.text !== '`';
  return canBegin && text.slice(before.start, token.start).includes('\n');
}

const endsValue = ({ kind, text }: Token): boolean =>
  kind === 'mark' ? /^[)\]}]$/.test(text) : kind === 'literal' || !GOING_ON.has(text);

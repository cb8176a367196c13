/** Reads the few forms of statements that the search for awaits in a row understands, from tokens; what it does not understand it leaves alone. */
import type { Token } from './tokens.ts';

/** `from` to `to` (not included) of a list of tokens. */
export interface Span {
  from: number;
  to: number;
}

/** `const PATTERN = VALUE`. */
export interface Declaration {
  names: string[];
  value: Span;
  /** Index of the token behind it. */
  next: number;
}

/** `await NAME(...)` or `await a.b.NAME(...)`. */
export interface AwaitedCall {
  /** Of the word `await`. */
  at: number;
  /** What is called, outermost first. */
  callee: string[];
  args: Span;
}

const DECLARES = /^(?:const|let|var)$/;
const JOINS = new Set(['in', 'instanceof', 'as', 'satisfies', 'of']);

const textAt = (tokens: readonly Token[], at: number): string => tokens[at]?.text ?? '';

/** Whether `text` between two tokens has a line break. */
export type Breaks = (before: Token, after: Token) => boolean;

/** Whether an expression can end with this token. */
function endsValue({ kind, text }: Token): boolean {
  return kind === 'mark' ? /^[)\]}]$/.test(text) : !JOINS.has(text) && text !== 'await';
}

/** Index of the token that ends the statement whose last expression contains `at`. */
export function endOfStatement(tokens: readonly Token[], at: number, breaks: Breaks): number {
  for (let i = at; i < tokens.length; i++) {
    const token = tokens[i];
    const before = tokens[i - 1];
    if (token === undefined) break;
    if (/^[;}\])]$/.test(token.text)) return i;
    const isNew = token.kind !== 'mark' && !JOINS.has(token.text) && token.text !== '`';
    if (i > at && before !== undefined && isNew && endsValue(before) && breaks(before, token)) return i;
    if (token.pair > i) i = token.pair;
  }
  return tokens.length;
}

/** The declaration that begins at `at`; undefined when none does, or one of several names side by side. */
export function declarationAt(tokens: readonly Token[], at: number, breaks: Breaks): Declaration | undefined {
  if (!DECLARES.test(textAt(tokens, at))) return undefined;
  const names: string[] = [];
  let i = at + 1;
  const first = tokens[i];
  if (first === undefined) return undefined;
  if (first.pair > i) {
    names.push(...wordsIn(tokens, { from: i, to: first.pair }));
    i = first.pair + 1;
  } else {
    names.push(first.text);
    i++;
  }
  // A type may follow.
  for (; i < tokens.length && textAt(tokens, i) !== '='; i++) {
    if (/^[;,]$/.test(textAt(tokens, i)) || DECLARES.test(textAt(tokens, i))) return undefined;
    const pair = tokens[i]?.pair ?? -1;
    if (pair > i) i = pair;
  }
  const value = { from: i + 1, to: endOfStatement(tokens, i + 1, breaks) };
  for (let j = value.from; j < value.to; j++) {
    if (textAt(tokens, j) === ',') return undefined;
    const pair = tokens[j]?.pair ?? -1;
    if (pair > j) j = pair;
  }
  return { names, value, next: textAt(tokens, value.to) === ';' ? value.to + 1 : value.to };
}

/** The call that the `await` at this index waits for, when it is a plain one. */
export function awaitedCall(tokens: readonly Token[], at: number): AwaitedCall | undefined {
  const callee: string[] = [];
  for (let i = at + 1; ; i++) {
    const word = tokens[i];
    if (word?.kind !== 'word' || word.text === 'new' || word.text === 'import') return undefined;
    callee.push(word.text);
    while (textAt(tokens, i + 1) === '?' || textAt(tokens, i + 1) === '!') i++;
    if (textAt(tokens, i + 1) === '<') i = afterTypeArguments(tokens, i + 1) - 1;
    const mark = tokens[i + 1];
    if (mark?.text === '.') {
      i++;
      continue;
    }
    if (mark?.text !== '(' || mark.pair < 0) return undefined;
    const behind = textAt(tokens, mark.pair + 1);
    // More follows: `.then`, an index, another call.
    if (/^[.[(?`]$/.test(behind) || (behind === '!' && textAt(tokens, mark.pair + 2) === '.')) return undefined;
    return { at, callee, args: { from: i + 2, to: mark.pair } };
  }
}

const MAX_TYPE = 40;

function afterTypeArguments(tokens: readonly Token[], at: number): number {
  for (let i = at; i < at + MAX_TYPE; i++) if (textAt(tokens, i) === '(') return i;
  return at;
}

/** The names used in a span: no properties behind a dot, no keys of objects. */
export function wordsIn(tokens: readonly Token[], { from, to }: Span): string[] {
  const words: string[] = [];
  for (let i = from; i < to; i++) {
    const token = tokens[i];
    const isProperty = textAt(tokens, i - 1) === '.' && textAt(tokens, i - 2) !== '.';
    if (token?.kind === 'word' && !isProperty) words.push(token.text);
  }
  return words;
}

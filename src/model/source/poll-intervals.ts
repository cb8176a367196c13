/** Finds in source text the intervals that only look whether something has come, and end themselves when it has: each tick before was in vain. */
import { byText } from './by-text.ts';
import { readsOnly } from './reading-names.ts';
import { tokensOf, type Token } from './tokens.ts';

/** Lines, from 1, of `setInterval(...)` with such a callback, written there or a function of the same file. */
export const pollIntervalsIn: (text: string) => ReadonlySet<number> = byText(find);

/** Beside functions that read by their names: what looks at a value, tells the time or makes an error. */
const LOOKS = new Set(
  'now Date Error TypeError RangeError Number String Boolean includes some every startsWith endsWith at if'.split(' '),
);

interface Span {
  from: number;
  to: number;
}

function find(text: string): Set<number> {
  const tokens = tokensOf(text);
  const lines = new Set<number>();
  for (const [at, { text: word, start }] of tokens.entries()) {
    const open = word === 'setInterval' ? tokens[at + 1] : undefined;
    if (open?.text !== '(' || open.pair < 0) continue;
    const body = bodyAt(tokens, at + 2);
    if (body !== undefined && onlyLooks(tokens, body)) lines.add(text.slice(0, start).split('\n').length);
  }
  return lines;
}

/** Within the brackets of the function that begins there, or that is named there. */
function bodyAt(tokens: readonly Token[], at: number): Span | undefined {
  const named = tokens[at + 1]?.text === ',' ? functionCalled(tokens, tokens[at]?.text ?? '') : undefined;
  return named ?? blockOf(tokens, tokens[at]?.text === 'function' ? at + 1 : at);
}

/** `(...) => {...}` or `(...) {...}`. */
function blockOf(tokens: readonly Token[], at: number): Span | undefined {
  const parameters = tokens[tokens[at]?.kind === 'word' ? at + 1 : at];
  if (parameters?.text !== '(' || parameters.pair < 0) return undefined;
  const next = parameters.pair + 1;
  const open = tokens[next]?.text === '=>' ? next + 1 : next;
  const { text, pair = -1 } = tokens[open] ?? {};
  return text === '{' && pair > open ? { from: open + 1, to: pair } : undefined;
}

/** The only function of that name in the file. */
function functionCalled(tokens: readonly Token[], name: string): Span | undefined {
  const found = tokens.flatMap(({ text }, at): Span[] => {
    const isDeclared = text === name && tokens[at - 1]?.text === 'function';
    const isArrow = text === name && tokens[at - 1]?.text === 'const' && tokens[at + 1]?.text === '=';
    const block = isDeclared ? blockOf(tokens, at) : isArrow ? blockOf(tokens, at + 2) : undefined;
    return block === undefined ? [] : [block];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** Whether a run does nothing unless it ends the interval. */
function onlyLooks(tokens: readonly Token[], { from, to }: Span): boolean {
  let ends = false;
  for (let i = from; i < to;) {
    const word = tokens[i]?.text ?? '';
    const head = tokens[i + 1];
    if (word === 'if' && head?.text === '(' && head.pair > i) {
      if (!isLook(tokens, { from: i + 2, to: head.pair })) return false;
      const branch = statementAt(tokens, head.pair + 1, to);
      const isLeft = tokens[branch.from]?.text === 'return' && branch.to - branch.from <= 2;
      const clears = hasClear(tokens, branch);
      // What comes behind `if (!ready) return;` runs only once.
      if (isLeft) return hasClear(tokens, { from: branch.to, to });
      if (!clears) return false;
      ends = true;
      i = tokens[branch.to]?.text === 'else' && tokens[branch.to + 1]?.text === 'if' ? branch.to + 1 : branch.to;
      if (tokens[i]?.text === 'else') return false;
    } else {
      const statement = statementAt(tokens, i, to);
      if (!/^(?:const|let)$/.test(word) || !isLook(tokens, statement)) return false;
      i = statement.to;
    }
  }
  return ends;
}

/** A block with its brackets, or all up to the semicolon. */
function statementAt(tokens: readonly Token[], from: number, end: number): Span {
  const { text, pair = -1 } = tokens[from] ?? {};
  if (text === '{' && pair > from) return { from, to: pair + 1 };
  for (let i = from; i < end; i++) {
    if (tokens[i]?.text === ';') return { from, to: i + 1 };
    const inner = tokens[i]?.pair ?? -1;
    if (inner > i) i = inner;
  }
  return { from, to: end };
}

/** As a statement of its own there, in no inner branch. */
function hasClear(tokens: readonly Token[], { from, to }: Span): boolean {
  const isBlock = tokens[from]?.text === '{';
  for (let i = isBlock ? from + 1 : from; i < to; i++) {
    const { text, pair = -1 } = tokens[i] ?? {};
    if (text === 'clearInterval' && (i === from || /^[;{}]$/.test(tokens[i - 1]?.text ?? ''))) return true;
    if (pair > i) i = pair;
  }
  return false;
}

/** Whether it calls nothing but what reads, and changes nothing. */
function isLook(tokens: readonly Token[], { from, to }: Span): boolean {
  for (let i = from; i < to; i++) {
    const { text = '', kind } = tokens[i] ?? {};
    const before = tokens[i - 1];
    if (text === 'await' || text === 'function' || (text === '+' && before?.text === '+')) return false;
    if (text === '-' && before?.text === '-') return false;
    if (text !== '(' || before?.kind !== 'word' || kind === 'word') continue;
    if (!LOOKS.has(before.text) && !readsOnly(before.text, [])) return false;
  }
  return true;
}

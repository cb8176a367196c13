/** Finds in source text the loops that sleep a while and look again whether there is something to do. */
import { byText } from './by-text.ts';
import { readsOnly } from './reading-names.ts';
import { awaitedCall } from './statements.ts';
import { tokensOf, type Token } from './tokens.ts';

/** A loop that polls; lines from 1. */
export interface PollLoop {
  /** Of the await that sleeps. */
  line: number;
  /** First and last line of the condition, which may await, too. */
  head: { from: number; to: number };
  /** Other rounds work: then only a round that takes so long, milliseconds, can have been one in vain. */
  sleepMs?: number;
}

const SLEEPS =
  /^(?:sleep|delay|pause|wait|waitFor|timeout|setTimeout|setImmediate|nextTick|tick|immediate|yieldToLoop)$/;
const NO_WORK = new Set(['if', 'while', 'now', 'Error', 'TypeError', 'RangeError', 'Date', 'has', 'get']);

/** Those of which the text says that a round which finds nothing does nothing else. */
export const pollLoopsIn = byText(find);

function find(text: string): PollLoop[] {
  const tokens = tokensOf(text);
  const lineOf = (token: number): number => text.slice(0, tokens[token]?.start ?? 0).split('\n').length;
  return tokens.flatMap(({ text: word }, at): PollLoop[] => {
    if (word !== 'await' || !sleeps(tokens, at)) return [];
    const loop = loopAround(tokens, at);
    if (loop === undefined) return [];
    const found = { line: lineOf(at), head: { from: lineOf(loop.from), to: lineOf(loop.to) } };
    if (loop.isWhole) return [found];
    const sleepMs = sleepOf(tokens, at);
    return sleepMs === undefined ? [] : [{ ...found, sleepMs }];
  });
}

/** `await sleep(5)`, `await new Promise((resolve) => setTimeout(resolve, 5))`. */
function sleeps(tokens: readonly Token[], at: number): boolean {
  if (tokens[at + 1]?.text !== 'new') return SLEEPS.test(awaitedCall(tokens, at)?.callee.at(-1) ?? '');
  const open = tokens[at + 2]?.text === 'Promise' ? tokens[at + 3] : undefined;
  if (open === undefined || open.pair < 0) return false;
  const words = tokens.slice(at + 4, open.pair).filter(({ kind }) => kind === 'word');
  return words.some(({ text }) => text === 'setTimeout' || text === 'setImmediate') && words.length <= 5;
}

/** The number in the call that sleeps. */
function sleepOf(tokens: readonly Token[], at: number): number | undefined {
  const open = tokens.slice(at, at + 10).find(({ text }) => text === '(');
  const inside = open === undefined ? [] : tokens.slice(at, Math.max(at, open.pair));
  const numbers = inside.filter(({ kind, text }) => kind === 'literal' && /^\d/.test(text));
  return numbers.length === 1 ? Number(numbers[0]?.text.replaceAll('_', '')) : undefined;
}

interface Head {
  from: number;
  to: number;
  /** All rounds do nothing but sleep. */
  isWhole: boolean;
}

/** The condition of the loop whose rounds do nothing but this, or whose rounds without work do. */
function loopAround(tokens: readonly Token[], at: number): Head | undefined {
  const before = tokens[at - 1];
  const bare = before?.text === ')' ? conditionOf(tokens, before.pair) : undefined;
  if (bare === 'while') return headAt(tokens, before?.pair ?? 0);
  const isBare = bare === 'if' || before?.text === 'else';
  const open = isBare ? undefined : blockAround(tokens, at);
  const owner = open === undefined ? undefined : tokens[open - 1];
  const keyword = owner?.text === ')' ? conditionOf(tokens, owner.pair) : owner?.text;
  if (open !== undefined && keyword === 'while' && isIdle(tokens, open, at)) return headAt(tokens, owner?.pair ?? 0);
  if (open !== undefined && keyword === 'do' && isIdle(tokens, open, at)) {
    const close = tokens[open]?.pair ?? -1;
    return tokens[close + 1]?.text === 'while' ? headAt(tokens, close + 2) : undefined;
  }
  const isElse = before?.text === 'else' || keyword === 'else';
  if (!isElse && bare !== 'if' && keyword !== 'if') return undefined;
  if (open !== undefined && !isIdle(tokens, open, at)) return undefined;
  return isElse || isInsteadOfWork(tokens, at, open) ? outerLoop(tokens, open ?? at) : undefined;
}

/** Whether the work of the round is left out then: by `else` or `continue`. */
function isInsteadOfWork(tokens: readonly Token[], at: number, open: number | undefined): boolean {
  if (open === undefined) {
    const end = (awaitedCall(tokens, at)?.args.to ?? at) + 1;
    return tokens[tokens[end]?.text === ';' ? end + 1 : end]?.text === 'else';
  }
  const close = tokens[open]?.pair ?? -1;
  return tokens[close + 1]?.text === 'else' || tokens.slice(at, close).some(({ text }) => text === 'continue');
}

/** The word before a bracket: `while`, `if`. */
const conditionOf = (tokens: readonly Token[], open: number): string | undefined => tokens[open - 1]?.text;

/** `while (true)` says nothing about what it waits for. */
function headAt(tokens: readonly Token[], open: number): Head | undefined {
  const to = tokens[open]?.pair ?? -1;
  const isEndless = to === open + 2 && /^(?:true|1)$/.test(tokens[open + 1]?.text ?? '');
  return to < 0 || isEndless ? undefined : { from: open, to, isWhole: true };
}

/** Index of the `{` around it. */
function blockAround(tokens: readonly Token[], at: number): number | undefined {
  for (let i = at - 1; i >= 0; i--) {
    const { text = '', pair = -1 } = tokens[i] ?? {};
    if (pair >= 0 && pair < i) i = pair;
    else if (text === '{') return i;
    else if (text === '(' || text === '[') return undefined;
  }
  return undefined;
}

/** Whether the block calls nothing but what sleeps, reads or tells the time. */
function isIdle(tokens: readonly Token[], open: number, sleep: number): boolean {
  const close = tokens[open]?.pair ?? -1;
  for (let i = open + 1; i < close; i++) {
    if (i === sleep) {
      while (i < close && tokens[i]?.text !== '(') i++;
      i = Math.max(i, tokens[i]?.pair ?? i);
      continue;
    }
    const { text = '', kind } = tokens[i - 1] ?? {};
    if (tokens[i]?.text === 'await') return false;
    if (tokens[i]?.text === '(' && kind === 'word' && !NO_WORK.has(text) && !readsOnly(text, [])) return false;
  }
  return close >= 0;
}

/** The loop around a branch, in the same function. */
function outerLoop(tokens: readonly Token[], from: number): Head | undefined {
  for (let open = blockAround(tokens, from); open !== undefined; open = blockAround(tokens, open)) {
    const owner = tokens[open - 1];
    const start = owner?.text === ')' ? owner.pair : undefined;
    const keyword = start === undefined ? owner?.text : conditionOf(tokens, start);
    if (start !== undefined && (keyword === 'while' || keyword === 'for'))
      return { from: start, to: open - 1, isWhole: false };
    if (keyword !== 'if' && keyword !== 'else' && keyword !== 'try') return undefined;
  }
  return undefined;
}

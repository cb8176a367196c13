/** What in a source text makes it uncertain which call ran last: work without a call, branches within an expression, defaults in patterns. */
import { isBody, type Place } from './call-writing.ts';
import type { Token } from './tokens.ts';

/** Behind these it is not certain what ran before. */
const BARRIERS = new Set('await yield else case default switch do class'.split(' '));
/** Words before a template that tag nothing. */
const NO_TAG = new Set('return typeof throw void delete in of case do else new await yield instanceof'.split(' '));
/** How many tokens of a class's head are read. */
const MAX_HEAD = 30;

/** Whether the token does, or waits for, something else than a call. */
export function isBarrier(tokens: readonly Token[], at: number): boolean {
  const { text = '', kind } = tokens[at] ?? {};
  const before = tokens[at - 1]?.text;
  if (kind === 'word') {
    if (before === '.' && tokens[at - 2]?.text !== '.') return false;
    return BARRIERS.has(text) || (text === 'new' && tokens[openingOf(tokens, at)]?.text !== '(');
  }
  return (text === '.' && before === '.') || (text === '`' && isTagAt(tokens, at - 1));
}

/** Whether the template with that `${` is given to a function. */
export function isTagged(tokens: readonly Token[], substitution: number): boolean {
  let at = substitution;
  for (let end = tokens[at - 1]; end?.text === '}' && tokens[end.pair]?.text === '${'; end = tokens[at - 1])
    at = end.pair;
  return isTagAt(tokens, at - 2);
}

function isTagAt(tokens: readonly Token[], at: number): boolean {
  const { kind, text = '' } = tokens[at] ?? {};
  return kind === 'word' ? !NO_TAG.has(text) : /^[)\]>]$/.test(text);
}

/** Index of the bracket of the call whose `new` or last word is at that token, names and type arguments passed over; else of another token. */
export function openingOf(tokens: readonly Token[], callee: number): number {
  let at = callee + 1;
  if (tokens[callee]?.text === 'new')
    while (tokens[at]?.kind === 'word' || (tokens[at]?.text === '.' && tokens[at + 1]?.text !== '.')) at++;
  if (tokens[at]?.text === '!') at++;
  if (tokens[at]?.text === '?' && tokens[at + 1]?.text === '.') at += 2;
  return tokens[at]?.text === '<' ? afterTypes(tokens, at) : at;
}

function afterTypes(tokens: readonly Token[], from: number): number {
  for (let at = from, depth = 0; at < from + MAX_HEAD; at++) {
    const { text = ';', pair = -1 } = tokens[at] ?? {};
    if (text === '<') depth++;
    else if (text === '>' && --depth === 0) return at + 1;
    else if (pair > at) at = pair;
    else if (/^[;)}\]]$/.test(text)) break;
  }
  return from;
}

/** Whether braces are those of a class. */
export function isClassBody(tokens: readonly Token[], open: number): boolean {
  for (let at = open - 1; at > Math.max(-1, open - MAX_HEAD); at--) {
    const { kind, text, pair } = tokens[at] as Token;
    if (text === 'class') return true;
    if (pair >= 0 && pair < at && text !== '}') at = pair;
    else if (kind !== 'word' && !/^[.,<>]$/.test(text)) return false;
  }
  return false;
}

/** Whether the place is run in an order of its own: in the head of a `for`, between a class's methods, or as a default of a pattern. */
export function isUncertainPlace({ tokens }: Place, own: number, from: number): boolean {
  let isAssigned = false;
  for (let at = own - 1; at >= 0 && (tokens[at]?.start ?? 0) > from; at--) {
    const { pair } = tokens[at] as Token;
    if (pair >= 0 && pair < at) at = pair;
    else if (isAssignment(tokens, at)) isAssigned = true;
    else if (pair > own) {
      if (isForHead(tokens, at) || isClassBody(tokens, at) || (isAssigned && isPattern(tokens, at))) return true;
      isAssigned = false;
    }
  }
  return false;
}

const isForHead = (tokens: readonly Token[], open: number): boolean =>
  tokens[open]?.text === '(' && /^(?:for|await)$/.test(tokens[open - 1]?.text ?? '');

const isPattern = (tokens: readonly Token[], open: number): boolean =>
  tokens[open]?.text === '[' || (tokens[open]?.text === '{' && !isBody(tokens, open));

/** `=`, but no comparison. */
function isAssignment(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.text !== '=') return false;
  return tokens[at + 1]?.text !== '=' && !/^[=!<>]$/.test(tokens[at - 1]?.text ?? '');
}

/** Whether a call is run, and runs last, whenever its statement is, up to there. */
export function isCertain(
  { place: { tokens }, from, awaited }: { place: Place; from: number; awaited: number },
  statement: number,
  callee: number,
): boolean {
  let isAssigned = false;
  for (let at = callee - 1; at >= statement && (tokens[at]?.start ?? 0) > from; at--) {
    const { pair } = tokens[at] as Token;
    if (pair >= 0 && pair < at) {
      // The defaults of a pattern are run after its value.
      if (isPattern(tokens, pair) && tokens.slice(pair, at).some((_, i) => isAssignment(tokens, pair + i)))
        return false;
      at = pair;
    } else if (pair > at) {
      if (isAssigned && isPattern(tokens, at)) return false;
      isAssigned = false;
    } else if (isAssignment(tokens, at)) isAssigned = true;
    else if (at !== awaited && (isBarrier(tokens, at) || isChoice(tokens, at))) return false;
  }
  return true;
}

/** `?`, `&&` or `||`; not `?:` of a type. */
function isChoice(tokens: readonly Token[], at: number): boolean {
  const text = tokens[at]?.text;
  if (text === '?') return tokens[at + 1]?.text !== ':';
  return (text === '&' || text === '|') && tokens[at - 1]?.text === text;
}

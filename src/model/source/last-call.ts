/** Walks back through a source text to the call that ran last before a place. Where that is not certain it finds none: a wrong name misleads more than none. */
import { isBarrier, isCertain, isClassBody, isTagged, isUncertainPlace } from './call-certainty.ts';
import { beginning, isBody, startsStatement, type Place } from './call-writing.ts';
import type { FunctionRange } from './function-names.ts';
import { tokenFrom, type Token } from './tokens.ts';

/** A way back through a text. */
interface Way {
  place: Place;
  /** Offset of its end. */
  from: number;
  /** Index of the token at which it begins: blocks around that are run. */
  own: number;
  /** Index of the first token of the statement that is run whatever word it begins with; -1 for none. */
  statement: number;
  /** Index of the `await` that comes after the call there. */
  awaited: number;
  depth: number;
}

/** Words before a bracket that call nothing. */
const GROUPS = new Set('return typeof throw void delete in of instanceof if while catch'.split(' '));
/** Before a bracket, these make no way that is certain. */
const UNCERTAIN = new Set('for await function switch with super import new async yield'.split(' '));
const LEAVES = new Set(['return', 'throw', 'break', 'continue']);
const OUT = new Set(['return', 'throw']);
/** A call of a function of the same file is looked into so deep. */
const MAX_DEPTH = 4;

/** Index of the callee that ran last before what is at token `own`, whose arguments end before `last`. */
export function calleeBefore(place: Place, from: number, own: number, last: number): number | undefined {
  if (isUncertainPlace(place, own, from)) return undefined;
  const { tokens } = place;
  const first = beginning(tokens, own);
  const before = tokens[first - 1]?.text === 'new' ? first - 2 : first - 1;
  const awaited = tokens[before]?.text === 'await' ? before : -1;
  const statement = startsStatement(place, own);
  return lastCall({ place, from, own, statement, awaited, depth: 0 }, last - 1);
}

/** Index of the callee that ran last in the block that opens at that token. */
export function lastCalleeIn(place: Place, open: number): number | undefined {
  const { start = 0, pair = -1 } = place.tokens[open] ?? {};
  return lastCall({ place, from: start, own: pair, statement: -1, awaited: -1, depth: 0 }, pair - 1);
}

function lastCall(way: Way, to: number): number | undefined {
  const { place, from, own, awaited } = way;
  const { tokens } = place;
  for (let at = to; at >= 0; at--) {
    const { text, start, pair } = tokens[at] as Token;
    if (start <= from) return undefined;
    const skipped = functionEndingAt(place, at, from);
    if (skipped !== undefined) {
      at = tokenFrom(tokens, skipped.start);
      continue;
    }
    const isOwnNew = text === 'new' && (at === own || at === own - 1);
    if (at !== awaited && !isOwnNew && isBarrier(tokens, at)) return undefined;
    if (text === '}') {
      const next = throughBraces(place, at);
      if (next === undefined) return undefined;
      at = next;
    } else if (text === '{') {
      if (pair > own && !isSure(tokens, at)) return undefined;
    } else if (text === '(') {
      if (tokens[at - 1]?.text === 'while' || tokens[at - 1]?.text === 'for') return undefined;
    } else if (text === ')') {
      const callee = calleeOf(tokens, pair);
      if (callee === undefined) return undefined;
      if (callee < 0) continue;
      const statement = startsStatement(place, callee);
      const isLeft = statement !== way.statement && LEAVES.has(tokens[statement]?.text ?? '');
      if (!isLeft) return found(way, statement, callee);
      if (!isBranch(tokens, statement)) return undefined;
      at = statement;
    }
  }
  return undefined;
}

/** Index of the last word before a bracket; -1 when it only groups, undefined when it is not known what is called. */
function calleeOf(tokens: readonly Token[], open: number): number | undefined {
  const before = tokens[open - 1];
  if (open <= 0 || before === undefined) return undefined;
  if (before.kind === 'word') {
    const isProperty = tokens[open - 2]?.text === '.';
    if (!isProperty && UNCERTAIN.has(before.text)) return undefined;
    return !isProperty && GROUPS.has(before.text) ? -1 : open - 1;
  }
  const isValue = before.kind === 'literal' || /^[)\]}>.]$/.test(before.text);
  const isAsserted =
    before.text === '!' && (tokens[open - 2]?.kind !== 'mark' || /^[)\]]$/.test(tokens[open - 2]?.text ?? ''));
  return isValue || isAsserted ? undefined : -1;
}

/** The callee, or what ran last in it. */
function found(way: Way, statement: number, callee: number): number | undefined {
  const { tokens } = way.place;
  if (statement !== way.statement && isBranch(tokens, statement)) return undefined;
  return isCertain(way, statement, callee) ? lastOf(way, callee) : undefined;
}

/** Index of the token from which to go on before a closing brace. */
function throughBraces(place: Place, close: number): number | undefined {
  const { tokens } = place;
  const open = tokens[close]?.pair ?? -1;
  if (open < 0) return undefined;
  const before = tokens[open - 1];
  if (tokens[open]?.text === '${') return isTagged(tokens, open) ? undefined : close;
  const isLabelled = before?.text === ':' && startsStatement(place, open) === open - 2;
  if (isLabelled || isClassBody(tokens, open)) return undefined;
  if (isBody(tokens, open)) {
    if (isPassed(place, open, close)) return open;
    return /^(?:[;{}]|try|finally)$/.test(before?.text ?? '') ? close : undefined;
  }
  return before?.kind === 'mark' || /^(?:return|const|let|var|of|in)$/.test(before?.text ?? '') ? close : undefined;
}

/** Whether what is before a block that the place is in was over when the block began. */
function isSure(tokens: readonly Token[], open: number): boolean {
  const before = tokens[open - 1];
  const head = before?.text === ')' ? tokens[before.pair - 1]?.text : before?.text;
  return head !== 'catch' && head !== 'finally';
}

/** A block that was not run, since the program came past it: one that leaves after a condition or a `catch`; or a branch in which nothing is done. */
function isPassed(place: Place, open: number, close: number): boolean {
  const { tokens } = place;
  const before = tokens[open - 1];
  const head = before?.text === ')' ? tokens[before.pair - 1]?.text : before?.text;
  if (head !== 'if' && head !== 'catch') return false;
  const last = tokens[close - 1]?.text === ';' ? close - 2 : close - 1;
  const statement = startsStatement(place, last);
  const leaving = tokens[statement]?.text ?? '';
  const isLabelled = !OUT.has(leaving) && last > statement;
  const isLeft = statement > open && !isBranch(tokens, statement) && !isLabelled;
  if (isLeft && (head === 'catch' ? OUT : LEAVES).has(leaving)) return true;
  return (
    head === 'if' &&
    tokens.slice(open + 1, close).every(({ text }, i) => text !== '(' && !isBarrier(tokens, open + 1 + i))
  );
}

/** Whether the statement is run only if a condition without braces says so. */
function isBranch(tokens: readonly Token[], statement: number): boolean {
  const before = tokens[statement - 1];
  const head = before?.text === ')' ? tokens[before.pair - 1]?.text : before?.text;
  return /^(?:if|for|while|await|with|else|do)$/.test(head ?? '');
}

/** A function of the same file runs until its own last call. */
function lastOf({ place, depth }: Way, callee: number): number {
  const { tokens } = place;
  const body =
    depth < MAX_DEPTH && !/^(?:\.|new)$/.test(tokens[callee - 1]?.text ?? '') ? bodyOf(place, callee) : undefined;
  if (body === undefined) return callee;
  const { from, to, statement } = body;
  const way = { place, from, own: to + 1, statement, awaited: -1, depth: depth + 1 };
  return lastCall(way, to) ?? callee;
}

/** Of a function that is called by its only name, is written at the top level and runs to its end; undefined for others. */
function bodyOf(place: Place, callee: number): { from: number; to: number; statement: number } | undefined {
  const { tokens, ranges } = place;
  const name = tokens[callee]?.text;
  const [own, another] = ranges.filter((range) => range.name === name);
  if (own === undefined || another !== undefined) return undefined;
  const first = tokenFrom(tokens, own.start);
  const declared = tokens[first]?.text === 'function' && tokens[first + 1]?.text === name ? first + 1 : first - 2;
  const isConst = tokens[first - 1]?.text === '=' && tokens[first - 3]?.text === 'const';
  const isPlain = tokens[first]?.text !== 'async' && tokens[first + 1]?.text !== '*';
  if (tokens[declared]?.text !== name || (declared < first && !isConst) || !isPlain) return undefined;
  if (isNested(tokens, first) || !isOnlyCalled(tokens, declared)) return undefined;
  const end = tokenFrom(tokens, own.end);
  const to = tokens[end - 1]?.text === ';' ? end - 2 : end - 1;
  const head = headEnd(tokens, own);
  const body = tokens.findIndex(({ text }, at) => at > head && /^(?:\{|=>)$/.test(text));
  const statement = startsStatement(place, to);
  const isReturned = tokens[statement]?.text === 'return' && !isBranch(tokens, statement);
  for (let at = Math.max(body, head); at < to; at++) {
    const isEarly = OUT.has(tokens[at]?.text ?? '') && !(isReturned && at === statement);
    if (isEarly) return undefined;
  }
  return { from: tokens[head]?.start ?? own.start, to, statement: isReturned ? statement : -1 };
}

/** Whether there are brackets around a token. */
function isNested(tokens: readonly Token[], token: number): boolean {
  for (let at = token - 1; at >= 0; at--) {
    const { pair, text } = tokens[at] as Token;
    if (pair >= 0 && pair < at) at = pair;
    else if (pair > at || /^[([{]$/.test(text)) return true;
  }
  return false;
}

/** Whether the name that is declared there is otherwise only called: it is no parameter, local or import of another scope. */
function isOnlyCalled(tokens: readonly Token[], declared: number): boolean {
  const name = tokens[declared]?.text;
  return tokens.every(({ text }, at) => {
    if (text !== name || at === declared || tokens[at - 1]?.text === '.') return true;
    const { text: mark, pair = -1 } = tokens[at + 1] ?? {};
    return mark === '(' && pair > at && !/^[{:]$/.test(tokens[pair + 1]?.text ?? '');
  });
}

/** Index of the token that ends a function's parameters. */
export function headEnd(tokens: readonly Token[], { start }: FunctionRange): number {
  let at = tokenFrom(tokens, start);
  while (at < tokens.length && tokens[at]?.text !== '(' && tokens[at]?.text !== '=>') at++;
  return tokens[at]?.text === '(' ? Math.max(at, tokens[at]?.pair ?? at) : at;
}

const endings = new WeakMap<readonly FunctionRange[], Map<number, FunctionRange>>();

/** The outermost function behind `from` whose last token that is. */
function functionEndingAt(place: Place, at: number, from: number): FunctionRange | undefined {
  const { tokens, ranges } = place;
  let ends = endings.get(ranges);
  if (ends === undefined) {
    ends = new Map();
    for (const range of ranges.toSorted((a, b) => b.start - a.start)) {
      const end = tokenFrom(tokens, range.end);
      const { text, pair = -1 } = tokens[end] ?? {};
      // An arrow without braces ends before the mark behind it.
      const isBraced = text === '}' && (tokens[pair]?.start ?? -1) >= range.start;
      const last = isBraced ? end : end - 1;
      const inner = ends.get(last);
      ends.set(last, range);
      if (inner !== undefined) nested.set(range, inner);
    }
    endings.set(ranges, ends);
  }
  let range = ends.get(at);
  while (range !== undefined && range.start <= from) range = nested.get(range);
  return range;
}

/** The next function within one that ends with the same token. */
const nested = new WeakMap<FunctionRange, FunctionRange>();

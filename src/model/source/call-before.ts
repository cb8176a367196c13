/**
 * Finds in a source text what ran last before a place. V8 is interrupted only where a function is entered or a loop begins its next round: whoever was held up
 * by native code sees the program there, when that code has returned.
 */
import type { Location } from '../../protocol/report.ts';
import type { Sources } from '../sources.ts';
import { functionAround, isBody, placeIn, startsStatement, type Place } from './call-writing.ts';
import type { FunctionRange } from './function-names.ts';
import type { Token } from './tokens.ts';

/** A call in a source text. */
export interface WrittenCall {
  location: Location;
  /** "Buffer.compare", "list.sort". */
  name: string;
}

/** Words before a bracket that call nothing. */
const HEADS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'function', 'return', 'typeof', 'await', 'of']);
const LEAVES = new Set(['return', 'throw', 'break', 'continue']);
/** Behind these it is not certain what ran before. */
const BARRIERS = new Set(['await', 'yield', 'else', 'case', 'default', 'switch']);
/** A call of a function of the same file is looked into so deep. */
const MAX_DEPTH = 4;

/** Whether a function begins at that place: what interrupts it there has come before its first statement. False when the source can't be read. */
export function isAtEntry(location: Location, sources: Sources): boolean {
  const place = placeIn(location, sources);
  if (place === undefined) return false;
  // Where a class has no constructor of its own, V8 tells the class.
  return place.tokens[tokenAt(place)]?.text === 'class' || functionAtEntry(place) !== undefined;
}

/** What is called at that place, as it is written; undefined when there is no plain call. */
export function nameOfCall(location: Location, sources: Sources): string | undefined {
  const place = placeIn(location, sources);
  const at = place === undefined ? -1 : tokenAt(place);
  if (place === undefined || at < 0) return undefined;
  return opens(place.tokens, at + 1) ? calleeText(place.tokens, at) : undefined;
}

/** The call that was over last when the one at that place began; undefined when that is not certain, as after a branch, or nothing was called. */
export function callBefore(location: Location, sources: Sources): WrittenCall | undefined {
  const place = placeIn(location, sources);
  const around = place === undefined ? undefined : functionAround(place);
  if (place === undefined || around === undefined) return undefined;
  const { tokens } = place;
  const at = tokenAt(place);
  if (at < 0) return undefined;
  // Its arguments come before it.
  const open = tokens[at]?.text === 'new' ? at + 2 : at + 1;
  const last = opens(tokens, open) ? (tokens[open]?.pair ?? at) : at;
  return written(place, location, lastCall({ place, from: endOfHead(tokens, around), own: at, depth: 0 }, last - 1));
}

/** The last call in the body of the loop whose keyword is at that place; as {@link callBefore}. */
export function lastCallOfLoop(location: Location, sources: Sources): WrittenCall | undefined {
  const place = placeIn(location, sources);
  if (place === undefined) return undefined;
  const { tokens } = place;
  const at = tokenAt(place);
  const word = tokens[at]?.text;
  const head = tokens[at + 1]?.text === 'await' ? at + 2 : at + 1;
  const body = word === 'do' ? at + 1 : word === 'for' || word === 'while' ? (tokens[head]?.pair ?? -1) + 1 : -1;
  const { text, pair = -1, start = 0 } = tokens[body] ?? {};
  if (text !== '{' || pair < body) return undefined;
  return written(place, location, lastCall({ place, from: start, own: pair, depth: 0 }, pair - 1));
}

/** The only call of such a name in the function that begins at that place; undefined when there are several, or none. */
export function onlyCallOf(name: string, location: Location, sources: Sources): WrittenCall | undefined {
  const place = placeIn(location, sources);
  const range = place === undefined ? undefined : functionAtEntry(place);
  if (place === undefined || range === undefined) return undefined;
  const { tokens } = place;
  const from = endOfHead(tokens, range);
  const calls = [...tokens.keys()].filter((at) => {
    const { text, start } = tokens[at] as Token;
    return text === name && start > from && start < range.end && opens(tokens, at + 1);
  });
  return calls.length === 1 ? written(place, location, calls[0]) : undefined;
}

const tokenAt = ({ tokens, offset }: Place): number => tokens.findIndex(({ start }) => start === offset);

const functionAtEntry = ({ tokens, ranges, offset }: Place): FunctionRange | undefined =>
  ranges.findLast((range) => range.start <= offset && offset <= endOfHead(tokens, range));

/** Offset of the end of a function's parameters. */
function endOfHead(tokens: readonly Token[], { start, end }: FunctionRange): number {
  const open = tokens.find((token) => token.start >= start && (token.text === '(' || token.text === '=>'));
  return Math.min(end, (open?.text === '(' ? tokens[open.pair] : open)?.start ?? end);
}

const opens = (tokens: readonly Token[], at: number): boolean =>
  tokens[at]?.text === '(' && (tokens[at]?.pair ?? -1) > at;

/** `callee`: index of its last word. */
function written({ lines, tokens }: Place, { file }: Location, callee: number | undefined): WrittenCall | undefined {
  const start = tokens[callee ?? -1]?.start;
  if (callee === undefined || start === undefined) return undefined;
  const line = lines.findLastIndex((each) => each <= start) + 1;
  return { location: { file, line, column: start - (lines[line - 1] ?? 0) + 1 }, name: calleeText(tokens, callee) };
}

/** A way back through a text: to offset `from`; the statement around token `own` is on it whatever word it begins with. */
interface Way {
  place: Place;
  from: number;
  own: number;
  depth: number;
}

/** Index of the callee of the last call up to token `to`; undefined where more than one way leads there. */
function lastCall(way: Way, to: number): number | undefined {
  const { place, from, own } = way;
  const { tokens, ranges } = place;
  const inner = ranges.filter(({ start }) => start > from && start <= (tokens[to]?.start ?? 0));
  const ownStatement = startsStatement(place, own);
  // Its own `await` comes after it.
  const before = beginningOf(tokens, own) - 1;
  for (let at = to; at >= 0; at--) {
    const { text, start, pair } = tokens[at] as Token;
    if (start <= from || (BARRIERS.has(text) && at !== before)) return undefined;
    const skipped = inner.find((range) => range.start <= start && (start < range.end || isEnd(range, start, text)));
    if (skipped !== undefined) {
      at = tokens.findIndex((token) => token.start >= skipped.start);
    } else if (text === '}' && pair >= 0 && isBody(tokens, pair)) {
      if (isPassed(place, pair, at)) at = pair;
      else if (!/^(?:[;{}]|try|finally)$/.test(tokens[pair - 1]?.text ?? '')) return undefined;
    } else if (text === ')' && pair > 0) {
      const callee = tokens[pair - 1];
      if (/^[)\]>.]$/.test(callee?.text ?? '')) return undefined;
      if (callee?.kind !== 'word' || HEADS.has(callee.text)) continue;
      const statement = startsStatement(place, pair - 1);
      if (statement === ownStatement) return lastOf(way, pair - 1);
      if (LEAVES.has(tokens[statement]?.text ?? '')) at = statement;
      else return isBranch(tokens, statement) ? undefined : lastOf(way, pair - 1);
    }
  }
  return undefined;
}

/** The end of an arrow without braces is the mark behind it. */
const isEnd = ({ end }: FunctionRange, start: number, text: string): boolean => start === end && text === '}';

/** A block that was not run, since the program came past it: a `catch`, or a branch that leaves; or one in which nothing is called. */
function isPassed(place: Place, open: number, close: number): boolean {
  const { tokens } = place;
  const before = tokens[open - 1];
  const head = before?.text === ')' ? tokens[before.pair - 1]?.text : before?.text;
  if (head !== 'if') return head === 'catch';
  const last = tokens[close - 1]?.text === ';' ? close - 2 : close - 1;
  const isLeft = LEAVES.has(tokens[startsStatement(place, last)]?.text ?? '');
  return isLeft || tokens.slice(open, close).every(({ text }) => text !== '(');
}

/** Whether the statement is run only if a condition without braces says so. */
function isBranch(tokens: readonly Token[], statement: number): boolean {
  const before = tokens[statement - 1];
  const head = before?.text === ')' ? tokens[before.pair - 1]?.text : undefined;
  return head === 'if' || head === 'for' || head === 'while';
}

/** A function of the same file runs until its own last call. */
function lastOf({ place, depth }: Way, callee: number): number {
  const { tokens, ranges } = place;
  const called = tokens[callee]?.text;
  const isPlain = !/^(?:\.|new)$/.test(tokens[callee - 1]?.text ?? '');
  const [own, another] = isPlain ? ranges.filter(({ name }) => name === called) : [];
  if (own === undefined || another !== undefined || depth >= MAX_DEPTH) return callee;
  const end = tokens.findIndex(({ start }) => start >= own.end);
  const to = tokens[end - 1]?.text === ';' ? end - 2 : end - 1;
  // The value of a `return` at the end is on the way.
  return lastCall({ place, from: endOfHead(tokens, own), own: to, depth: depth + 1 }, to) ?? callee;
}

/** Index of `a` in `a.b.call`, given that of `call`; only names. */
function beginningOf(tokens: readonly Token[], callee: number): number {
  let at = callee;
  while (tokens[at - 1]?.text === '.' && tokens[at - 2]?.kind === 'word') at -= 2;
  return at;
}

/** "a.b.call", given the index of `call`; only names. */
function calleeText(tokens: readonly Token[], callee: number): string {
  const from = beginningOf(tokens, callee);
  const name = tokens.slice(from, callee + 1).map(({ text }) => text);
  return `${tokens[from - 1]?.text === 'new' ? 'new ' : ''}${name.join('')}`;
}

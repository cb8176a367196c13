/** Looks in a source text how a call is written: as a statement of its own, awaited, or in some other way. */
import type { Location } from '../../protocol/report.ts';
import { beginsByNewLine } from './new-lines.ts';
import { rangesOf, type FunctionRange } from './function-names.ts';
import type { Sources } from '../sources.ts';
import { tokensOf, type Token } from './tokens.ts';

/** `statement`: nothing is done with the result. `awaited`: by `await`, `return` or `yield`. */
export interface CallWriting {
  as: 'statement' | 'awaited' | 'other';
  /** It could be awaited, for the function around it is asynchronous. */
  inAsync: boolean;
}

interface Parsed {
  tokens: Token[];
  /** In the order of their beginnings. */
  ranges: FunctionRange[];
  /** Offset of each line. */
  lines: number[];
  text: string;
}

const parsed = new Map<string, Parsed>();
const MAX_TEXTS = 20;

function parse(text: string): Parsed {
  let result = parsed.get(text);
  if (result !== undefined) return result;
  if (parsed.size >= MAX_TEXTS) parsed.clear();
  const tokens = tokensOf(text);
  const lines = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(at + 1);
  const ranges = rangesOf(tokens, text).toSorted((a, b) => a.start - b.start);
  result = { tokens, ranges, lines, text };
  parsed.set(text, result);
  return result;
}

/** A place in a source text. */
export interface Place extends Parsed {
  offset: number;
}

/** Undefined when the source can't be read. */
export function placeIn({ file, line, column }: Location, sources: Sources): Place | undefined {
  const text = sources.textOf?.(file);
  if (text === undefined) return undefined;
  const source = parse(text);
  const start = source.lines[line - 1];
  return start === undefined ? undefined : { ...source, offset: start + column - 1 };
}

/** Innermost function around an offset. */
export const functionAround = (place: Place): FunctionRange | undefined =>
  innermost(place, ({ start, end }) => start < place.offset && place.offset < end);

/** The last function that begins up to a place and is the one meant; big files have thousands. */
export function innermost(
  { ranges, offset }: Place,
  isMeant: (range: FunctionRange) => boolean,
): FunctionRange | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.start ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  for (let at = low - 1; at >= 0; at--) {
    const range = ranges[at];
    if (range !== undefined && isMeant(range)) return range;
  }
  return undefined;
}

/** The tokens of the innermost function around a place. */
export interface FunctionText {
  tokens: readonly Token[];
  /** Of the function with its parameters; `to` is not included. */
  from: number;
  to: number;
  isAsync: boolean;
}

/** The function in which code is; undefined when the source can't be read. */
export function functionAt(location: Location, sources: Sources): FunctionText | undefined {
  const place = placeIn(location, sources);
  const around = place === undefined ? undefined : functionAround(place);
  if (place === undefined || around === undefined) return undefined;
  const { tokens, text } = place;
  const from = tokens.findIndex(({ start }) => start >= around.start);
  const to = tokens.findLastIndex(({ start }) => start <= around.end) + 1;
  return { tokens, from, to, isAsync: isAsync(around, text) };
}

const BEFORE_METHOD = /\basync\s*\*?\s*$/;
const LONGEST_KEYWORDS = 20;

function isAsync({ start }: FunctionRange, text: string): boolean {
  if (/^async\b/.test(text.slice(start, start + LONGEST_KEYWORDS))) return true;
  return BEFORE_METHOD.test(text.slice(Math.max(0, start - LONGEST_KEYWORDS), start));
}

/** A call in a text: `first` and `last` are its first token and its closing bracket. */
export interface CallText {
  tokens: readonly Token[];
  first: number;
  last: number;
}

/** The call at that place, which V8 tells by the last word before the bracket, or else by the bracket; undefined when the source can't be read, or there is none. */
export function callAt(location: Location, sources: Sources): CallText | undefined {
  const place = placeIn(location, sources);
  const at = place?.tokens.findIndex(({ start }) => start === place.offset) ?? -1;
  if (place === undefined || at < 0) return undefined;
  const { tokens } = place;
  const open = tokens[at]?.kind === 'word' ? at + 1 : at;
  const { text, pair = -1 } = tokens[open] ?? {};
  if (text !== '(' || pair < open || open === 0) return undefined;
  const index = tokens[open - 1]?.text === ']' ? (tokens[open - 1]?.pair ?? 0) - 1 : open - 1;
  return tokens[index]?.kind === 'word' ? { tokens, first: beginning(tokens, index), last: pair } : undefined;
}

/** How the call at that place is written; undefined when the source can't be read, or there is no call. */
export function writingOf(location: Location, sources: Sources): CallWriting | undefined {
  const place = placeIn(location, sources);
  const call = callAt(location, sources);
  if (place === undefined || call === undefined) return undefined;
  const { tokens, first, last } = call;
  const around = functionAround(place);
  const inAsync = around !== undefined && isAsync(around, place.text);
  const before = tokens[first - 1];
  if (before?.kind === 'word' && AWAITED.has(before.text)) return { as: 'awaited', inAsync };
  const isStatement = beginsStatement(tokens, first, place.text) && endsStatement(tokens, last, place.text);
  return { as: isStatement ? 'statement' : 'other', inAsync };
}

const AWAITED = new Set(['await', 'return', 'yield']);

/** Index of the first token of `a.b(1)[2].call`, given that of `call`. */
export function beginning(tokens: readonly Token[], call: number): number {
  let at = call;
  while (tokens[at - 1]?.text === '.') {
    at -= 2;
    while (/^[)\]]$/.test(tokens[at]?.text ?? '')) at = (tokens[at]?.pair ?? 0) - 1;
  }
  return at;
}

/** Before these a bracket is no call's. */
const HEADS = new Set(['if', 'while', 'for', 'with']);

function beginsStatement(tokens: readonly Token[], first: number, text: string): boolean {
  const before = tokens[first - 1];
  if (before === undefined || /^(?:[;{}]|else|do)$/.test(before.text)) return true;
  if (before.text === ')' && HEADS.has(tokens[before.pair - 1]?.text ?? '')) return true;
  return beginsByNewLine(tokens, first, text);
}

/** Index of the first token of the statement around the token `at`. */
export function startsStatement({ tokens, text }: Place, at: number): number {
  for (let i = at; i > 0; i--) {
    const { text: mark, pair } = tokens[i] as Token;
    const before = tokens[i - 1];
    if (pair >= 0 && pair < i && !(mark === '}' && isBody(tokens, pair))) i = pair + 1;
    else if (before?.text === '{' ? isBody(tokens, i - 1) : before?.text !== '}' && beginsStatement(tokens, i, text))
      return i;
    else if (before?.text === '}' && (beginsByNewLine(tokens, i, text) || followsBody(tokens, i))) return i;
  }
  return 0;
}

/** Behind the braces of a body a statement may begin in the same line. */
const followsBody = (tokens: readonly Token[], at: number): boolean =>
  tokens[at]?.kind === 'word' && isBody(tokens, tokens[at - 1]?.pair ?? -1);

/** Whether braces are around statements, not those of an object, a pattern or a template. */
export const isBody = (tokens: readonly Token[], open: number): boolean =>
  tokens[open]?.text === '{' && /^(?:[;{})]|=>|else|do|try|catch|finally)$/.test(tokens[open - 1]?.text ?? '');

function endsStatement(tokens: readonly Token[], close: number, text: string): boolean {
  const after = tokens[close + 1];
  if (after === undefined || /^[;}]$/.test(after.text)) return true;
  return after.kind !== 'mark' && text.slice(tokens[close]?.start, after.start).includes('\n');
}

/** Whether that place is in a loop without an end of its own: `while`, `for (;;)` or `for await`; undefined when the source can't be read. */
export function isInEndlessLoop(location: Location, sources: Sources): boolean | undefined {
  const place = placeIn(location, sources);
  if (place === undefined) return undefined;
  const { tokens, offset } = place;
  const from = functionAround(place)?.start ?? 0;
  return (
    tokens.some(({ text, start, pair }, at) => {
      if (text !== '{' || start < from || start > offset || (tokens[pair]?.start ?? Infinity) < offset) return false;
      return isLoopHead(tokens, at - 1) || tokens[at - 1]?.text === 'do';
    }) ||
    tokens.some(
      ({ text, start }, at) =>
        text === 'for' &&
        start >= from &&
        start <= offset &&
        tokens[at + 1]?.text === 'await' &&
        isHeadAt(tokens, at + 2, offset),
    )
  );
}

/** Whether the bracket that ends there belongs to such a loop. */
function isLoopHead(tokens: readonly Token[], close: number): boolean {
  const open = tokens[close]?.text === ')' ? (tokens[close]?.pair ?? -1) : -1;
  if (open < 0) return false;
  const word = tokens[open - 1]?.text;
  return (
    word === 'while' ||
    word === 'await' ||
    (word === 'for' && tokens[open + 1]?.text === ';' && tokens[open + 2]?.text === ';')
  );
}

/** `for await (...)` itself waits within its brackets. */
function isHeadAt(tokens: readonly Token[], open: number, offset: number): boolean {
  const close = tokens[tokens[open]?.pair ?? -1];
  return close !== undefined && offset < close.start;
}

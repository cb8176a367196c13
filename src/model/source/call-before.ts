/**
 * Finds in a source text what ran last before a place. V8 is interrupted only where a function is entered or a loop begins its next round: whoever was held up
 * by native code sees the program there, when that code has returned.
 */
import type { Location } from '../../protocol/report.ts';
import type { Sources } from '../sources.ts';
import { isBarrier, openingOf } from './call-certainty.ts';
import { functionAround, innermost, placeIn, type Place } from './call-writing.ts';
import type { FunctionRange } from './function-names.ts';
import { calleeBefore, headEnd, lastCalleeIn } from './last-call.ts';
import { tokenFrom, type Token } from './tokens.ts';

/** A call in a source text. */
export interface WrittenCall {
  location: Location;
  /** "Buffer.compare", "list.sort". */
  name: string;
}

/** Words before a bracket that call nothing. */
const HEADS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'function', 'return', 'typeof', 'await', 'of']);

/** Whether a function begins at that place: what interrupts it there has come before its first statement. False when the source can't be read. */
export function isAtEntry(location: Location, sources: Sources): boolean {
  const place = placeIn(location, sources);
  return place !== undefined && beginsFunction(place);
}

/** What is called at that place, as it is written; undefined when there is no plain call. */
export function nameOfCall(location: Location, sources: Sources): string | undefined {
  const place = placeIn(location, sources);
  const at = place === undefined ? -1 : tokenAt(place);
  if (place === undefined || at < 0 || HEADS.has(place.tokens[at]?.text ?? '')) return undefined;
  return opens(place.tokens, at + 1) ? calleeText(place.tokens, at) : undefined;
}

/** The call that was over last when the one at that place began; undefined when that is not certain, as after a branch, or nothing was called. */
export function callBefore(location: Location, sources: Sources): WrittenCall | undefined {
  const place = placeIn(location, sources);
  return place && written(place, location, calleeBeforePlace(place));
}

/** The last call in the body of the loop whose keyword is at that place; as {@link callBefore}. */
export function lastCallOfLoop(location: Location, sources: Sources): WrittenCall | undefined {
  const place = placeIn(location, sources);
  return place && written(place, location, calleeOfLoop(place));
}

/** The only call of such a name in the function that begins at that place; undefined when there are several, or none. */
export function onlyCallOf(name: string, location: Location, sources: Sources): WrittenCall | undefined {
  const place = placeIn(location, sources);
  const range = place === undefined ? undefined : functionAtEntry(place);
  if (place === undefined || range === undefined) return undefined;
  const { tokens } = place;
  const calls: number[] = [];
  for (let at = headEnd(tokens, range) + 1; (tokens[at]?.start ?? Infinity) < range.end; at++)
    if (tokens[at]?.text === name && opens(tokens, at + 1)) calls.push(at);
  return calls.length === 1 ? written(place, location, calls[0]) : undefined;
}

/** How many places of a text are remembered. */
const MAX_PLACES = 1000;

/** `read`, called once for each place: rules, views and the report ask again with every state of the program. */
function byPlace<T>(read: (place: Place) => T): (place: Place) => T {
  const texts = new WeakMap<readonly FunctionRange[], Map<number, T>>();
  return (place) => {
    let known = texts.get(place.ranges);
    if (known === undefined || known.size >= MAX_PLACES) texts.set(place.ranges, (known = new Map<number, T>()));
    if (!known.has(place.offset)) known.set(place.offset, read(place));
    return known.get(place.offset) as T;
  };
}

// Where a class has no constructor of its own, V8 tells the class.
const beginsFunction = byPlace(
  (place) => place.tokens[tokenAt(place)]?.text === 'class' || functionAtEntry(place) !== undefined,
);

const calleeBeforePlace = byPlace((place) => {
  const around = functionAround(place);
  const at = tokenAt(place);
  if (around === undefined || at < 0) return undefined;
  const { tokens } = place;
  // Its arguments come before it.
  const open = tokens[at]?.text === '(' ? at : openingOf(tokens, at);
  if (tokens[open]?.text === '`') return undefined;
  const last = opens(tokens, open) ? (tokens[open]?.pair ?? at) : at;
  return calleeBefore(place, endOfHead(tokens, around), at, last);
});

const calleeOfLoop = byPlace((place) => {
  const { tokens } = place;
  const at = tokenAt(place);
  const word = tokens[at]?.text;
  if (word !== 'do' && word !== 'for' && word !== 'while') return undefined;
  const isDo = word === 'do';
  const body = isDo ? at + 1 : (tokens[at + 1]?.pair ?? -1) + 1;
  const { text, pair = -1 } = tokens[body] ?? {};
  if (body <= at || text !== '{' || pair < body) return undefined;
  // Between the body and the next round the condition at the end is run, or the step.
  const open = isDo ? pair + 2 : at + 1;
  const close = tokens[open]?.pair ?? open;
  const next = isDo ? open + 1 : word === 'for' ? stepOf(tokens, open, close) : close;
  const isPlain = tokens.slice(next, close).every((token, i) => token.text !== '(' && !isBarrier(tokens, next + i));
  const isWhole = tokens.slice(body, pair).every((token) => token.text !== 'continue');
  return isPlain && isWhole ? lastCalleeIn(place, body) : undefined;
});

/** Index of the first token of the third part of a `for`, or of the end of its head. */
function stepOf(tokens: readonly Token[], open: number, close: number): number {
  let step = close;
  let parts = 1;
  for (let at = open + 1; at < close; at++) {
    const { text, pair } = tokens[at] as Token;
    if (pair > at) at = pair;
    else if (text === ';' && ++parts === 3) step = at + 1;
  }
  return step;
}

function tokenAt({ tokens, offset }: Place): number {
  const at = tokenFrom(tokens, offset);
  return tokens[at]?.start === offset ? at : -1;
}

const functionAtEntry = (place: Place): FunctionRange | undefined =>
  innermost(place, (range) => place.offset <= range.end && place.offset <= endOfHead(place.tokens, range));

/** Offset of the end of a function's parameters. */
const endOfHead = (tokens: readonly Token[], range: FunctionRange): number =>
  Math.min(range.end, tokens[headEnd(tokens, range)]?.start ?? range.end);

const opens = (tokens: readonly Token[], at: number): boolean =>
  tokens[at]?.text === '(' && (tokens[at]?.pair ?? -1) > at;

/** `callee`: index of its last word. */
function written({ lines, tokens }: Place, { file }: Location, callee: number | undefined): WrittenCall | undefined {
  const start = tokens[callee ?? -1]?.start;
  if (callee === undefined || start === undefined) return undefined;
  const line = lines.findLastIndex((each) => each <= start) + 1;
  return { location: { file, line, column: start - (lines[line - 1] ?? 0) + 1 }, name: calleeText(tokens, callee) };
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

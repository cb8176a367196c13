/** Reads in a source text what an `await` is for, shortened: `pool.acquire()`, `client.get(…)`, `this.ready`; of a new promise who has its `resolve`. */
import type { Location } from '../../protocol/report.ts';
import type { Sources } from '../sources.ts';
import { byText } from './by-text.ts';
import { resolveText } from './executor-text.ts';
import { tokensOf, type Token } from './tokens.ts';

/** Longer expressions are looked at, and shown, only in part. Characters. */
const MOST_READ = 2000;
const MOST_SHOWN = 60;

const lineStarts = byText((text) => [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]);

/** The tokens from an `await` on; undefined when the source can't be read, or has none at that place. */
function tokensAt({ file, line, column }: Location, sources: Sources): readonly Token[] | undefined {
  const text = sources.textOf?.(file);
  const start = text === undefined ? undefined : lineStarts(text)[line - 1];
  if (text === undefined || start === undefined) return undefined;
  const at = start + column - 1;
  const tokens = tokensOf(text.slice(at, at + MOST_READ));
  return tokens[0]?.text === 'await' && tokens[0].start === 0 ? tokens : undefined;
}

/** What is awaited at that place; undefined when it is not known, or is more than names and calls. */
export function awaitedText(location: Location, sources: Sources): string | undefined {
  const tokens = tokensAt(location, sources);
  return tokens === undefined ? undefined : expression(tokens, 1);
}

/** The same of one element of the array that is written in `await Promise.all([...])` and the like. */
export function elementText(location: Location, index: number, sources: Sources): string | undefined {
  const tokens = tokensAt(location, sources);
  if (tokens === undefined || texts(tokens, 1, 6) !== `Promise.${tokens[3]?.text}([`) return undefined;
  let element = 0;
  for (let i = FIRST_ELEMENT; i < tokens.length; i++) {
    const { text, pair } = tokens[i] as Token;
    // A list of unknown length.
    if (texts(tokens, i, i + 3) === '...') return undefined;
    if (element === index) return expression(tokens, i);
    if (text === ',') element++;
    else if (text === ']') return undefined;
    if (pair > i) i = pair;
  }
  return undefined;
}

/** Behind `await Promise.all([`. */
const FIRST_ELEMENT = 6;

const texts = (tokens: readonly Token[], from: number, to: number): string =>
  tokens
    .slice(from, to)
    .map(({ text }) => text)
    .join('');

/** Names, members and calls from that token on, without arguments. */
function expression(tokens: readonly Token[], from: number): string | undefined {
  const isNew = tokens[from]?.text === 'new';
  if (isNew && tokens[from + 1]?.text === 'Promise') return resolveText(tokens, from);
  let words = isNew ? 'new ' : '';
  let mayBeName = true;
  for (let i = isNew ? from + 1 : from; i < tokens.length; i++) {
    const { kind, text, pair } = tokens[i] as Token;
    if (mayBeName) {
      if (kind !== 'word') return undefined;
      words += text;
      mayBeName = false;
    } else if (text === '.') {
      words += text;
      mayBeName = !/^[([]$/.test(tokens[i + 1]?.text ?? '');
    } else if (text === '?' && tokens[i + 1]?.text === '.') words += text;
    else if (text === '(' || text === '[') {
      // What does not end within the part that was read has something in it.
      words += `${text}${pair === i + 1 ? '' : '…'}${text === '(' ? ')' : ']'}`;
      if (pair < i) break;
      i = pair;
    } else if (text === '<' && endOfTypes(tokens, i) > i) i = endOfTypes(tokens, i);
    else if (text !== '!') break;
  }
  // A bare `promise` says nothing.
  if (words === '' || words === 'promise') return undefined;
  return words.length > MOST_SHOWN ? `${words.slice(0, MOST_SHOWN - 1)}…` : words;
}

/** Index of the bracket that ends type arguments of a call; -1 when there are none. */
function endOfTypes(tokens: readonly Token[], from: number): number {
  const end = tokens.findIndex(({ text }, i) => i > from && text === '>' && tokens[i + 1]?.text === '(');
  return tokens.slice(from, end).some(({ text }) => /^[();=?]$/.test(text)) ? -1 : end;
}

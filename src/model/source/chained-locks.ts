/** Finds in source text the locks that are a chain of promises: each taker puts a promise of its own at the end and waits for the one before. */
import type { Token } from './tokens.ts';

/** A function that takes such a lock. */
export interface ChainedLock {
  /** Bare name of the function. */
  name: string;
  /** Local variable with the function that gives it back. */
  release: string;
  /** Tokens `await` at which the function itself waits for its turn; none: its caller does, for what it returns. */
  waits: number[];
}

interface Body {
  from: number;
  to: number;
  name: string | undefined;
}

/** `bodies`: the functions, as indices of tokens, outer ones first. */
export function chainedLocksIn(tokens: readonly Token[], bodies: readonly Body[]): ChainedLock[] {
  return tokens.flatMap((_, at): ChainedLock[] => {
    const release = releaseOf(tokens, at);
    const body = release === undefined ? undefined : bodies.filter(({ from, to }) => from <= at && at < to).at(-1);
    if (release === undefined || body?.name === undefined || !isDeclared(tokens, body, release)) return [];
    const end = endOfChain(tokens, body);
    if (end === undefined) return [];
    const before = [end, ...namesOf(tokens, body, end)];
    const waits = positions(tokens, body, 'await').filter((i) =>
      before.some((path) => standsAt(tokens, i + 1, path) && /^[;)}]?$/.test(textAfter(tokens, i + 1, path))),
    );
    const isReturned = before.some((path) => isHandedOut(tokens, body, path));
    return waits.length === 0 && !isReturned ? [] : [{ name: body.name, release, waits }];
  });
}

/** `new Promise((resolve) => (release = resolve))` begins there: the name that keeps `resolve`. */
function releaseOf(tokens: readonly Token[], at: number): string | undefined {
  if (tokens[at]?.text !== 'new' || tokens[at + 1]?.text !== 'Promise') return undefined;
  const open = tokens.findIndex(({ text }, i) => i > at && text === '(');
  const end = tokens[open]?.pair ?? -1;
  const resolve = tokens[open + 1]?.text === '(' ? tokens[open + 2] : tokens[open + 1];
  for (let i = open + 2; i < end; i++) {
    const isKept = tokens[i]?.text === '=' && tokens[i + 1]?.text === resolve?.text && tokens[i - 2]?.text !== '.';
    if (isKept && /^[;)}]$/.test(tokens[i + 2]?.text ?? '')) return tokens[i - 1]?.text;
  }
  return undefined;
}

const isDeclared = (tokens: readonly Token[], body: Body, name: string): boolean =>
  positions(tokens, body, name).some((at) => /^(?:let|var)$/.test(tokens[at - 1]?.text ?? ''));

function positions(tokens: readonly Token[], { from, to }: Body, word: string): number[] {
  const found: number[] = [];
  for (let i = from; i < to; i++) if (tokens[i]?.text === word) found.push(i);
  return found;
}

/** What comes from outside, is read in the function and gets a promise there: the end of the chain. */
function endOfChain(tokens: readonly Token[], body: Body): string[] | undefined {
  for (const at of positions(tokens, body, '=')) {
    const path = pathBefore(tokens, at);
    const [root = ''] = path;
    const first = at - 2 * path.length + 1;
    if (path.length === 0 || tokens[at + 1]?.text === '=' || !/^[;{}]$/.test(tokens[first - 1]?.text ?? '')) continue;
    const isOwn = positions(tokens, body, root).some((i) => /^(?:const|let|var)$/.test(tokens[i - 1]?.text ?? ''));
    const reads = positions(tokens, body, root).filter((i) => i !== first && standsAt(tokens, i, path));
    if (!isOwn && reads.some((i) => isRead(tokens, i, path))) return path;
  }
  return undefined;
}

/** `this.tail` before a sign, as its words. */
function pathBefore(tokens: readonly Token[], at: number): string[] {
  const words: string[] = [];
  for (let i = at - 1; tokens[i]?.kind === 'word'; i -= 2) {
    words.unshift(tokens[i]?.text ?? '');
    if (tokens[i - 1]?.text !== '.') break;
  }
  return words;
}

function standsAt(tokens: readonly Token[], at: number, path: readonly string[]): boolean {
  if (tokens[at - 1]?.text === '.') return false;
  return path.every((word, i) => {
    const isJoined = i === 0 || tokens[at + 2 * i - 1]?.text === '.';
    return isJoined && tokens[at + 2 * i]?.text === word;
  });
}

const textAfter = (tokens: readonly Token[], at: number, path: readonly string[]): string =>
  tokens[at + 2 * path.length - 1]?.text ?? '';

/** As a value that is kept or awaited, or by its `then`. */
function isRead(tokens: readonly Token[], at: number, path: readonly string[]): boolean {
  const next = tokens[at + 2 * path.length];
  const before = tokens[at - 1]?.text ?? '';
  return textAfter(tokens, at, path) === '.' ? next?.text === 'then' : /^(?:=|await)$/.test(before);
}

/** The local names of what was the end before: `const before = tail`, `const ready = tail.then(...)`. */
function namesOf(tokens: readonly Token[], body: Body, path: readonly string[]): string[][] {
  return positions(tokens, body, path[0] ?? '').flatMap((at) => {
    const isKept = tokens[at - 1]?.text === '=' && /^(?:const|let|var)$/.test(tokens[at - 3]?.text ?? '');
    const name = isKept && standsAt(tokens, at, path) ? tokens[at - 2] : undefined;
    return name?.kind === 'word' ? [[name.text]] : [];
  });
}

/** `return before`, `return before.then(...)`. */
const isHandedOut = (tokens: readonly Token[], body: Body, path: readonly string[]): boolean =>
  positions(tokens, body, 'return').some((at) => standsAt(tokens, at + 1, path));

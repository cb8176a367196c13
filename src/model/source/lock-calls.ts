/** Reads in source text the locks that a program makes itself: functions that put the `resolve` of a new promise into a queue or a promise into a chain, and what their callers have taken. */
import { byText } from './by-text.ts';
import { chainedLocksIn } from './chained-locks.ts';
import { rangesOf } from './function-names.ts';
import { awaitedCall, type AwaitedCall } from './statements.ts';
import { tokensOf, type Token } from './tokens.ts';

/** A call that takes a lock. */
export interface LockCall {
  /** Bare name of the function. */
  name: string;
  /** As it is written; of functions given to it nothing. */
  text: string;
  /** Without arguments, and on what is the same for all code of the file, or of the class. */
  of: 'file' | 'class' | undefined;
  /** Its result is not used, and a method of the same object is called further on in the same function. */
  endsWith: readonly string[];
}

/** What one text says. */
export interface LockText {
  /** Lines at which an async function waits for its turn itself. */
  turns: ReadonlySet<number>;
  /** Bare names of the functions that make their callers wait, with or without `async`. */
  givers: ReadonlySet<string>;
  /** Those of them whose lock is a chain of promises: never anything else, whatever they are called. */
  chained: ReadonlySet<string>;
  /** Bare names of the functions that take out of a queue. */
  returners: ReadonlySet<string>;
  /** The call that a line awaits, when it is one such as a lock's. */
  callAt(line: number): LockCall | undefined;
  /** Calls of functions with these names before that line in the same function, of which nothing was given back in between. */
  heldAt(line: number, isGiver: (name: string) => boolean): LockCall[];
  /** Whether some call of that name leaves it to another function to give back: to a timer, to a listener. */
  isLeased(name: string): boolean;
}

/** Answers for one text. */
export const lockTextOf = byText(read);

const QUEUES = /^(?:push|enqueue|unshift)$/;
const TAKES = /^(?:shift|pop|dequeue)$/;
/** A wait that something ends after a time, or at a signal, is none for a turn. */
const LIMITS = /^(?:setTimeout|signal|AbortSignal|abort)$/;
const GIVES_BACK = /^(?:release|unlock|free|leave|giveBack|signal|exit)$/;

/** A call, or the await by which a function takes a lock for itself. */
interface Taking extends AwaitedCall {
  /** The name of what gives it back, where it is not the result. */
  release?: string;
}

function read(text: string): LockText {
  const tokens = tokensOf(text);
  const lines = linesOf(tokens, text);
  const queued = tokens.flatMap((_, at) => (isQueued(tokens, at) ? [at] : []));
  const calls = tokens.flatMap(({ text: word }, at) => (word === 'await' ? (awaitedCall(tokens, at) ?? []) : []));
  const functions = bodiesOf(tokens, text);
  const chains = chainedLocksIn(tokens, functions);
  const turns = chains.flatMap(({ name, release, waits }): Taking[] =>
    waits.map((at) => ({ at, callee: [name], args: { from: at + 1, to: at + 1 }, release })),
  );
  const namesAround = (at: number): string[] => {
    const inner = functions.filter(({ from, to }) => from <= at && at < to).at(-1);
    return inner?.name === undefined ? [] : [inner.name];
  };
  const asCall = (call: AwaitedCall): LockCall => ({
    name: call.callee.at(-1) ?? '',
    text: writtenAs(tokens, call, text),
    of: call.args.to > call.args.from ? undefined : scopeOf(tokens, call),
    endsWith: calledLater(tokens, call),
  });
  return {
    turns: new Set([
      ...queued.flatMap((at) => (tokens[at - 1]?.text === 'await' ? [lines[at] ?? 0] : [])),
      ...turns.map(({ at }) => lines[at] ?? 0),
    ]),
    givers: new Set([...queued.flatMap(namesAround), ...chains.map(({ name }) => name)]),
    chained: new Set(chains.map(({ name }) => name)),
    returners: new Set(tokens.flatMap((_, at) => (isCalled(tokens, at, TAKES) ? namesAround(at) : []))),
    callAt(line) {
      const call = calls.find(({ at }) => lines[at] === line);
      return call === undefined ? undefined : asCall(call);
    },
    heldAt(line, isGiver) {
      const to = lines.findIndex((each) => each >= line);
      const before = [...calls, ...turns].filter(({ at, callee }) => at < to && isGiver(callee.at(-1) ?? ''));
      return before.filter((call) => isHeld(tokens, call, to)).map(asCall);
    },
    isLeased: (name) => calls.some((call) => call.callee.at(-1) === name && isHandedOn(tokens, call)),
  };
}

/** Line of each token, from 1. */
function linesOf(tokens: readonly Token[], text: string): number[] {
  let line = 1;
  let at = 0;
  return tokens.map(({ start }) => {
    for (; at < start; at++) if (text[at] === '\n') line++;
    return line;
  });
}

/** The functions as indices of tokens, outer ones first, with their bare names. */
function bodiesOf(tokens: readonly Token[], text: string): { from: number; to: number; name: string | undefined }[] {
  const indexOf = (offset: number): number => {
    const at = tokens.findIndex(({ start }) => start >= offset);
    return at < 0 ? tokens.length : at;
  };
  const ranges = rangesOf(tokens, text).filter(({ name }) => name !== undefined);
  return ranges
    .map(({ start, end, name }) => ({ from: indexOf(start), to: indexOf(end), name: name?.split('.').at(-1) }))
    .toSorted((a, b) => a.from - b.from);
}

function writtenAs(tokens: readonly Token[], { at, args }: AwaitedCall, text: string): string {
  let end = args.from;
  for (let i = args.from; i < args.to; i++) {
    const { text: word = '', pair = -1 } = tokens[i] ?? {};
    if (word === '=>' || word === 'function') {
      const before = end === args.from ? '' : ', ';
      return `${text.slice(tokens[at + 1]?.start, tokens[end]?.start)}${before}…)`;
    }
    if (word === ',') end = i;
    if (pair > i) i = pair;
  }
  return text.slice(tokens[at + 1]?.start, (tokens[args.to]?.start ?? 0) + 1);
}

function scopeOf(tokens: readonly Token[], { callee }: AwaitedCall): LockCall['of'] {
  const [root] = callee;
  if (root === 'this') return callee.length > 2 ? 'class' : undefined;
  for (let i = 0; i < tokens.length; i++) {
    const { text = '', pair = -1 } = tokens[i] ?? {};
    if (pair > i) i = pair;
    else if (text === root && /^(?:const|let|var|function)$/.test(tokens[i - 1]?.text ?? '')) return 'file';
  }
  return undefined;
}

const isCalled = (tokens: readonly Token[], at: number, name: RegExp): boolean =>
  name.test(tokens[at]?.text ?? '') && tokens[at + 1]?.text === '(' && tokens[at - 1]?.text === '.';

/** `new Promise(...)` that puts something of its own into a queue. */
function isQueued(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.text !== 'new' || tokens[at + 1]?.text !== 'Promise') return false;
  // A type may stand in between.
  const open = tokens.slice(at + 2, at + 8).find(({ text }) => text === '(');
  const first = open === undefined ? -1 : tokens.indexOf(open, at) + 1;
  if (open === undefined || open.pair < first) return false;
  const inside = tokens.slice(first, open.pair);
  return inside.some((_, i) => isCalled(inside, i, QUEUES)) && !inside.some(({ text }) => LIMITS.test(text));
}

/** Methods without arguments that are called on the same object further on in the same function; none if the result is used. */
function calledLater(tokens: readonly Token[], { at, callee, args }: AwaitedCall): string[] {
  const before = tokens[at - 1];
  if (before !== undefined && !/^[;{})]$/.test(before.text)) return [];
  const names: string[] = [];
  for (let i = args.to; i < tokens.length; i++) {
    const { text = '', pair = -1 } = tokens[i] ?? {};
    if (text === '}' && pair < at && isFunctionBody(tokens, pair)) break;
    if (startsWith(tokens, i, callee.slice(0, -1)) && tokens[i - 1]?.text !== 'await') {
      const name = tokens[i + 2 * (callee.length - 1)];
      if (tokens[i + 2 * (callee.length - 1) + 1]?.text === '(') names.push(name?.text ?? '');
    }
  }
  return names;
}

const BLOCKS = new Set(['if', 'for', 'while', 'with', 'switch', 'catch', 'await']);

function isFunctionBody(tokens: readonly Token[], open: number): boolean {
  const before = tokens[open - 1];
  if (before?.text === '=>') return true;
  return before?.text === ')' && !BLOCKS.has(tokens[before.pair - 1]?.text ?? '');
}

/** Whether `path`, joined by dots, stands there. */
function startsWith(tokens: readonly Token[], at: number, path: readonly string[]): boolean {
  if (path.length === 0 || tokens[at - 1]?.text === '.') return false;
  return path.every((word, i) => tokens[at + 2 * i]?.text === word && tokens[at + 2 * i + 1]?.text === '.');
}

/** Name to which the result of a call is given, or that is to be called when its work is done. */
const boundTo = (tokens: readonly Token[], { at, release }: Taking): string | undefined =>
  release ?? (tokens[at - 1]?.text === '=' ? tokens[at - 2]?.text : undefined);

/** Whether the same function goes on from the call to `to` and gives nothing back in between. */
function isHeld(tokens: readonly Token[], call: Taking, to: number): boolean {
  const bound = boundTo(tokens, call);
  let argumentsUntil = 0;
  for (let i = call.args.to; i < to; i++) {
    const { text = '', pair = -1 } = tokens[i] ?? {};
    if (text === '(' && pair < to) argumentsUntil = Math.max(argumentsUntil, pair);
    if (text === '}' && pair < call.at) return false;
    // Another function begins, which need not run now.
    if (i > argumentsUntil && (text === 'function' || text === '=>')) return false;
    if (text === bound || GIVES_BACK.test(text) || isTouched(tokens, i, call)) return false;
  }
  return true;
}

/** Whether something else is done there with the object of the lock than to await a call. */
function isTouched(tokens: readonly Token[], at: number, { callee }: AwaitedCall): boolean {
  const [root] = callee;
  if (tokens[at]?.text !== root || tokens[at - 1]?.text === '.') return false;
  if (tokens[at + 1]?.text === ')' || tokens[at - 1]?.text === 'await') return false;
  if (root !== 'this') return true;
  // A method of the same object may give it back; other things that it has are none of the lock's.
  return tokens[at + 3]?.text === '(' || (callee.length > 2 && startsWith(tokens, at, callee.slice(0, -1)));
}

/** Whether a function that begins after the call, within the same one, speaks of giving back. */
function isHandedOn(tokens: readonly Token[], call: AwaitedCall): boolean {
  const bound = boundTo(tokens, call);
  let inner = 0;
  for (let i = call.args.to; i < tokens.length; i++) {
    const { text = '', pair = -1 } = tokens[i] ?? {};
    if (text === '}' && pair >= 0 && pair < call.at && isFunctionBody(tokens, pair)) return false;
    if (text === '=>' || text === 'function') inner = Math.max(inner, endOfFunction(tokens, i));
    const isBack = text === bound || GIVES_BACK.test(text);
    const next = tokens[i + 1]?.text ?? '';
    // As an argument, a result or a property it may be called by whoever gets it.
    if (isBack && (i < inner || /^[,)]$/.test(next) || (text === bound && next !== '('))) return true;
  }
  return false;
}

function endOfFunction(tokens: readonly Token[], at: number): number {
  for (let i = at + 1; i < tokens.length; i++) {
    const { text = '', pair = -1 } = tokens[i] ?? {};
    if (text === '{') return pair;
    if (/^[;,)]$/.test(text)) return i;
    if (pair > i) i = pair;
  }
  return tokens.length;
}

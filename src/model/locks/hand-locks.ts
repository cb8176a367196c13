/** Finds deadlocks of locks that the program has made itself, of promises whose `resolve` waits in a queue: by the state at the end and the source. */
import type { Snapshot } from '../../protocol/agent.ts';
import { byText } from '../source/by-text.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, walkChains } from '../chains.ts';
import type { Sources } from '../sources.ts';
import { awaitedCall } from '../source/statements.ts';
import { tokensOf, type Token } from '../source/tokens.ts';

/** A task that waits within the function that gives a lock, and what it took before, each as its call is written. */
export interface HandWait {
  /** The wait itself, and the task that called. */
  task: ChainTask;
  caller: ChainTask;
  wants: string;
  has: string[];
}

/** Those who wait for one another; only for the state in which a program ran out of work: nobody else can give anything back then. */
export function handDeadlocks(snapshot: Snapshot, sources: Sources): HandWait[][] {
  const waits: HandWait[] = [];
  walkChains(chainsOf(snapshot, sources), (task, ancestors) => {
    const caller = ancestors.at(-1);
    const wait = caller === undefined ? undefined : handWait(task, caller, sources);
    if (wait !== undefined) waits.push(wait);
  });
  const circles: HandWait[][] = [];
  const told = new Set<HandWait>();
  for (const wait of waits) {
    if (told.has(wait)) continue;
    const circle = circleOf(wait, waits);
    for (const each of circle) told.add(each);
    if (circle.length > 0) circles.push(circle);
  }
  return circles;
}

/** Of two tasks at one line each has a lock of its own kind: the same text stands for different locks. */
function circleOf(wait: HandWait, waits: readonly HandWait[]): HandWait[] {
  const { wants, has, caller } = wait;
  if (has.includes(wants) || (has.length > 0 && caller.node.count > 1)) return [wait];
  const other = waits.find((each) => {
    if (each === wait || each.has.length === 0 || has.length === 0) return false;
    const isSameLine = each.caller.place?.location?.line === caller.place?.location?.line;
    return isSameLine ? each.wants === wants : each.has.includes(wants) && has.includes(each.wants);
  });
  return other === undefined ? [] : [wait, other];
}

const LOCKS = /lock|acquire|mutex|semaphore|exclusive|critical/i;

function handWait(task: ChainTask, caller: ChainTask, sources: Sources): HandWait | undefined {
  const { place, children, wait, node } = task;
  const isOpen = children.length === 0 && (wait === undefined || wait.facts.kind === 'promise');
  const [at, from] = [place?.location, caller.place?.location];
  if (!isOpen || node.kind !== 'async' || at === undefined || from === undefined) return undefined;
  if (place?.library !== undefined || caller.place?.library !== undefined) return undefined;
  if (!queuesResolver(linesOf(at.file, sources), at.line)) return undefined;
  // Queues of items and events look the same but for their names.
  if (place === undefined || !LOCKS.test(place.name)) return undefined;
  const name = place.name.split('.').at(-1) ?? '';
  const taken = takenBefore(linesOf(from.file, sources), from.line, name);
  return taken === undefined ? undefined : { task, caller, ...taken };
}

interface Lines {
  tokens: readonly Token[];
  /** Line of each token, from 1. */
  lines: readonly number[];
  text: string;
}

const NOTHING: Lines = { tokens: [], lines: [], text: '' };

const linesOf = (file: string, sources: Sources): Lines => {
  const text = sources.textOf?.(file);
  return text === undefined ? NOTHING : read(text);
};

const read = byText((text): Lines => {
  const tokens = tokensOf(text);
  let line = 1;
  let at = 0;
  const lines = tokens.map(({ start }) => {
    for (; at < start; at++) if (text[at] === '\n') line++;
    return line;
  });
  return { tokens, lines, text };
});

/** Whether the line awaits a new promise whose `resolve` is put into a queue. */
function queuesResolver({ tokens, lines }: Lines, line: number): boolean {
  return tokens.some(({ text }, i) => {
    if (lines[i] !== line || text !== 'await' || tokens[i + 1]?.text !== 'new') return false;
    // A type may stand in between.
    const open =
      tokens[i + 2]?.text === 'Promise' ? tokens.slice(i + 3, i + 9).find((each) => each.text === '(') : undefined;
    const inside = open === undefined ? [] : tokens.slice(i + 4, Math.max(i + 4, open.pair));
    return inside.some((token, j) => /^(?:push|enqueue|unshift)$/.test(token.text) && inside[j + 1]?.text === '(');
  });
}

/** What the call at the line takes, and what calls of the same function before it in the same function took and nothing gave back. */
function takenBefore(
  { tokens, lines, text }: Lines,
  line: number,
  name: string,
): Pick<HandWait, 'wants' | 'has'> | undefined {
  const calls = tokens.flatMap(({ text: word }, i) => {
    const call = word === 'await' && (lines[i] ?? 0) <= line ? awaitedCall(tokens, i) : undefined;
    return call?.callee.at(-1) === name ? [call] : [];
  });
  const wanted = calls.find(({ at }) => lines[at] === line);
  if (wanted === undefined) return undefined;
  const written = ({ at, args }: typeof wanted): string =>
    text.slice(tokens[at + 1]?.start, (tokens[args.to]?.start ?? 0) + 1);
  const has = calls.filter((call) => call.at < wanted.at && isHeld(tokens, call.at, wanted.at));
  return { wants: written(wanted), has: has.map(written) };
}

/** Whether the same function goes on from one to the other and gives nothing back in between. */
function isHeld(tokens: readonly Token[], from: number, to: number): boolean {
  const root = tokens[from + 1]?.text;
  const bound = tokens[from - 1]?.text === '=' ? tokens[from - 2]?.text : undefined;
  const call = awaitedCall(tokens, from);
  let argumentsUntil = 0;
  for (let i = call === undefined ? from + 1 : call.args.to; i < to; i++) {
    const { text = '', pair = -1 } = tokens[i] ?? {};
    if (text === '(' && pair < to) argumentsUntil = Math.max(argumentsUntil, pair);
    if (text === '}' && pair < from) return false;
    // Another function begins, which need not run now.
    if (i > argumentsUntil && (text === 'function' || text === '=>')) return false;
    if (text === bound) return false;
    const isRoot = text === root && tokens[i - 1]?.text !== '.';
    if (isRoot && tokens[i + 1]?.text !== ')' && tokens[i - 1]?.text !== 'await') return false;
    if (/^(?:release|unlock|free|leave|giveBack|signal)$/.test(text)) return false;
  }
  return true;
}

/** Counts where one promise that stays pending is put into ever more races, or gets ever more reactions by `then`: each leaves reactions on it, and what they hold, for as long as it is pending. */
import type { Growth } from '../../protocol/growth.ts';
import { newBudget } from '../budget.ts';
import { turnNow } from '../stalls/loop.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { combinatorSite, siteAt, siteOf } from '../stacks/sites.ts';
import type { CallSite } from '../stacks/stack.ts';

interface Line {
  /** Made by `then`, `catch` or `finally`, not by a race. */
  isPlain: boolean;
  sites: number[];
  count: number;
  turns: Set<number>;
}

/** From so many waiters on it is worth looking. */
const CROWDED = 200;
/** Every so many of them then; prime, so that lines that take turns each get their share. Few enough for a quick program to have some in all of its turns. */
const EVERY = 7;
/** About 10 us each. */
const budget = newBudget(200, 500);
const MAX_PROMISES = 50;
const MAX_LINES = 20;
const MAX_TURNS = 100;

const promises = new Map<PromiseRecord, Map<string, Line>>();

/** Whether the next waiter of a promise with so many is one whose code is looked at, for {@link noteReaction}. */
export const isLookedAt = (waiters: number, nowMs: number): boolean =>
  waiters >= CROWDED && waiters % EVERY === 0 && budget.take(nowMs);

/** Whether the promise can win alone; V8 has the frames of its own functions below that of the code that calls them. */
function isRace([, below]: readonly CallSite[]): boolean {
  const site = below?.getFileName() === null ? combinatorSite(below.getFunctionName()) : undefined;
  const combinator = site === undefined ? undefined : siteAt(site).combinator;
  return combinator === 'race' || combinator === 'any';
}

const PLAIN = /^(?:then|catch|finally)$/;

/** A reaction that code adds by itself. */
function isPlain([top, below]: readonly CallSite[]): boolean {
  return top?.getFileName() === null && PLAIN.test(top.getFunctionName() ?? '') && below?.getFileName() !== null;
}

/** A crowded promise gets one more waiter, made by the code on this stack. */
export function noteReaction(promise: PromiseRecord, stack: readonly CallSite[]): void {
  const plain = isPlain(stack);
  if (!plain && !isRace(stack)) return;
  let lines = promises.get(promise);
  if (lines === undefined) {
    if (promises.size >= MAX_PROMISES) forgetSettled();
    if (promises.size >= MAX_PROMISES) return;
    promises.set(promise, (lines = new Map<string, Line>()));
  }
  const sites = stack.filter((site) => site.getFileName() !== null).map(siteOf);
  const key = sites.join();
  let line = lines.get(key);
  if (line === undefined) {
    if (lines.size >= MAX_LINES) return;
    lines.set(key, (line = { isPlain: plain, sites, count: 0, turns: new Set() }));
  }
  line.count++;
  if (line.turns.size < MAX_TURNS) line.turns.add(turnNow());
}

function forgetSettled(): void {
  for (const promise of promises.keys()) if (!promise.isPending) promises.delete(promise);
}

/** Pending promises with at least so many waiters, each at the line that adds most of them. */
export function reactionGrowth(least: number): (Growth & { sites: readonly number[] })[] {
  forgetSettled();
  return [...promises].flatMap(([{ waiters }, lines]) => {
    const [most] = [...lines.values()].toSorted((a, b) => b.count - a.count);
    if (most === undefined || waiters < least) return [];
    const plain = most.isPlain ? { plain: true as const } : {};
    return [
      { kind: 'reaction' as const, frames: [], sites: most.sites, live: waiters, turns: most.turns.size, ...plain },
    ];
  });
}

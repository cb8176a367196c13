/** Takes the lines of awaits down when they are made where V8 cannot tell them later: its walker stops at a promise with two reactions. */
import { performance } from 'node:perf_hooks';
import type { PromiseRecord } from './promise-record.ts';
import { newBudget, newTimeBudget } from '../budget.ts';
import { noteAwait, noteCaller } from './call-lines.ts';
import { compiledSite, HELPER_DEPTH, mayBeCompiled } from './compiled.ts';
import { guarded } from '../faults.ts';
import { awaiters, canProbe } from '../walks/probe.ts';
import { promiseOf } from './promise-list.ts';
import { promiseHooks } from './promises.ts';
import { noteBeginning } from '../resources/executor-notes.ts';
import { isLookedAt, noteReaction } from '../growth/reaction-growth.ts';
import { awaitSiteOf, combinatorSite, siteAt, siteOf } from '../stacks/sites.ts';
import { callSitesBelow, type CallSite } from '../stacks/stack.ts';

/** About 10 us each: at most 0.5 % of the time. */
const budget = newBudget(500, 500);
/** For first waiters, most of which will stay the only ones; 5 to 40 us each, the first some times as much. */
const firstBudget = newTimeBudget(0.002, 3, 64);
/** For awaits of what is settled already: they are over with the next turn of the microtasks, unless the code that runs takes long or is held. */
const readyBudget = newTimeBudget(0.001, 3, 32);
/** For their callers: must never be at the expense of the lines. */
const callerBudget = newTimeBudget(0.001, 1, 32);
const CHAIN_DEPTH = 8;
/** V8's two functions and some of a package. */
const RACE_DEPTH = 10;
const CALLERS = 8;

/**
 * `record` has become the first waiter of a pending promise. Its line is taken from the stack, for the case that a second waiter, or a question of a
 * debugger, comes while a reaction runs: then it can't be probed for.
 */
export function onFirstWaiter(record: PromiseRecord, nowMs: number): boolean {
  if (!firstBudget.take(nowMs)) return false;
  const startMs = performance.now();
  const sites = guarded('first waiter', () => takeLine(record), NO_SITES);
  const lineMs = performance.now();
  firstBudget.spent(lineMs - startMs);
  if (sites.length > 1 && callerBudget.take(nowMs)) {
    const whole = (): CallSite[] => sitesNow(CALLERS);
    guarded('caller', () => noteCaller(record.seq, record.note().line?.[0], sites, whole), undefined);
    callerBudget.spent(performance.now() - lineMs);
  }
  guarded('beginning', () => noteWhereBegun(record, nowMs), undefined);
  return true;
}

/** `record` waits for a promise that is settled: V8 has no reaction that could tell its line, and the calls of compiled functions are known by it. */
export function onReadyWaiter(record: PromiseRecord, nowMs: number): boolean {
  if (!readyBudget.take(nowMs)) return false;
  const startMs = performance.now();
  guarded('ready waiter', () => takeLine(record), NO_SITES);
  readyBudget.spent(performance.now() - startMs);
  guarded('beginning', () => noteWhereBegun(record, nowMs), undefined);
  return true;
}

const NO_SITES: CallSite[] = [];

/** The line of `record` has been taken. */
function noteWhereBegun(record: PromiseRecord, nowMs: number): void {
  const site = record.line?.[0];
  if (site === undefined || siteAt(site).combinator === undefined)
    noteBeginning(record, site === undefined, nowMs, sitesNow);
}

/** Answers the innermost frames, where they are those of a function that awaits. */
function takeLine(record: PromiseRecord): CallSite[] {
  const notes = record.note();
  const sites = sitesNow(3);
  noteAwait(record.seq, sites);
  notes.line = lineNow(sites);
  const site = notes.line[0];
  // V8 will never know better.
  if (site !== undefined && siteAt(site).isFunction === true) useLine(record);
  return sites[0]?.getFileName() === null ? NO_SITES : sites;
}

/**
 * `record` is about to become a further waiter of `parent`, still pending. The first waiter is probed now, the further ones leave their synchronous
 * stack. Without budget the chain stays null, which means unknown.
 */
export function onSecondWaiter(parent: PromiseRecord, record: PromiseRecord, nowMs: number): void {
  if (isLookedAt(parent.waiters, nowMs))
    guarded('reaction', () => noteReaction(parent, sitesNow(RACE_DEPTH)), undefined);
  if (budget.take(nowMs)) guarded('waiter', () => takeLines(parent, record, nowMs), undefined);
}

function takeLines(parent: PromiseRecord, record: PromiseRecord, nowMs: number): void {
  const first = parent.first;
  if (parent.waiters === 2 && first !== null && first.chain === null) takeFirst(parent, first);
  const notes = record.note();
  notes.line = lineNow(sitesNow(3));
  notes.chain = notes.line;
  notes.sampled = true;
  noteWhereBegun(record, nowMs);
}

function takeFirst(parent: PromiseRecord, first: PromiseRecord): void {
  if (!canProbe()) return useLine(first);
  const promise = promiseOf(parent);
  if (promise === undefined) return;
  const chain = awaiters([promise], CHAIN_DEPTH)?.[0];
  if (chain === undefined) return useLine(first);
  const notes = first.note();
  notes.chain = chain.map(siteOf);
  notes.sampled = notes.chain.length <= 1;
}

/** For want of anything better the line taken when the await was made stands for its chain. */
export function useLine({ notes }: PromiseRecord): void {
  if (notes === null || notes.line === null || notes.chain !== null) return;
  notes.chain = notes.line;
  notes.sampled = true;
}

/** Where the program hooks promises itself. */
const HOOKS = 'node:internal/promise_hooks';

/** The line of the await or reaction that is being made; `sites` are the three innermost. */
function lineNow(sites: CallSite[]): number[] {
  const compiled = mayBeCompiled(sites) ? compiledSite(sitesNow(HELPER_DEPTH)) : undefined;
  return compiled === undefined ? lineOf(sites) : [compiled];
}

const sitesNow = (limit: number): CallSite[] =>
  callSitesBelow(promiseHooks.init, limit).filter((site) => site.getFileName() !== HOOKS);

/** The line of the await; for an element of a combinator its name; nothing for a plain `then`. */
function lineOf([top, below]: CallSite[]): number[] {
  if (top === undefined) return [];
  if (top.getFileName() !== null || top.getPromiseIndex() !== null) return [awaitSiteOf(top)];
  const combinator = below?.getFileName() === null ? combinatorSite(below.getFunctionName()) : undefined;
  return combinator === undefined ? [] : [combinator];
}

/** Ties promises to what will settle them: certain where a stack or the API says so, else likely from the order of events. */
import { performance } from 'node:perf_hooks';
import type { Wait } from '../../protocol/agent.ts';
import { newTimeBudget, type TimeBudget } from '../budget.ts';
import { callbackId, causeNow, isStrict } from './causes.ts';
import { awaiters, canProbe } from '../walks/probe.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { promiseOf } from '../promises/promise-list.ts';
import { coarseNow, currentLeaf } from '../promises/promises.ts';
import { lastReaction } from './executor-notes.ts';
import { noteTie } from './tied-inside.ts';
import { keepIfLast } from './recent.ts';
import { isNodesType } from '../names/user-labels.ts';
import { className } from '../waits/objects.ts';
import { siteOf } from '../stacks/sites.ts';
import { callSitesBelow, captureCallSites, isPromiseConstructor, type CallSite } from '../stacks/stack.ts';

/**
 * Stacks cost 5 to 50 us each: at most 1 % of the time to tie promises to resources, 0.2 % for origins alone, and as much for those that are found out
 * another way as soon as somebody awaits the promise.
 */
const tieBudget = newTimeBudget(0.01, 20);
const originBudget = newTimeBudget(0.002, 10);
const spareBudget = newTimeBudget(0.002, 2);
const STACK_DEPTH = 12;
/** Where libraries have operators upon operators. */
const WHOLE_DEPTH = 64;
/** `emitInitNative` and `emitInitScript`. */
const HOOK_FRAMES = 2;

/** Async id of the callback in which a function of `node:timers/promises` was called that makes its timer now. */
let promiseTimer: number | undefined;

/** Does what `budget` has just been asked for. */
function timed<T>(budget: TimeBudget, work: () => T): T {
  const start = performance.now();
  const result = work();
  budget.spent(performance.now() - start);
  return result;
}

/** The promise that what happens now works on, if any. */
export function leafNow(): PromiseRecord | null {
  const leaf = causeNow();
  if (leaf === null || !isWorkedOn(leaf, isStrict)) return null;
  keepIfLast(leaf);
  return leaf;
}

/** A promise that an async function awaits, as it is or wrapped by `then` or `catch`, was passed on by then; one that is only wrapped is still being worked on. */
function isWorkedOn(leaf: PromiseRecord, strict: boolean): boolean {
  if (!leaf.isPending) return false;
  if (strict || leaf.first === null) return true;
  const last = lastReaction(leaf.first);
  if (!canProbe()) return (last.chain ?? last.line)?.length === 0;
  const promise = last.parent === null ? undefined : promiseOf(last.parent);
  if (promise === undefined || !tieBudget.take(coarseNow())) return false;
  return timed(tieBudget, () => awaiters([promise], 1)?.[0]?.length === 0);
}

/** A request is only a step on the way, such as a look-up before the connection. */
export function isFree({ source }: PromiseRecord): boolean {
  return source === null || source.isStep || source.isOver();
}

/** `emitInit` of async_hooks itself lies on top of every stack taken in a hook. */
const isShown = (site: CallSite): boolean => site.getFileName() !== 'node:internal/async_hooks';

/** Ties the promise whose executor runs now, or for which this tick was queued, to what will settle it; `replace` an earlier tie or keep it. */
export function linkLeaf(source: WaitSource, replace: boolean): void {
  const leaf = leafNow();
  if (leaf !== null && (isFree(leaf) || (replace && leaf.source?.isOfCall !== true))) link(leaf, source);
}

function link(leaf: PromiseRecord, source: WaitSource): void {
  leaf.note().source = source;
  noteTie(leaf, source);
}

/** A call that tells its result by a callback settles the promise whose executor makes it; one beside an executor, such as an entry of a log, settles none. */
export function linkCallback(isOver: () => boolean, describe: () => Wait | undefined): void {
  const leaf = leafNow();
  if (leaf === null || !isFree(leaf)) return;
  const isSettling = leaf === currentLeaf() ? executorOnStack() : undefined;
  if (isSettling === false) return;
  const confidence = isSettling === true ? 'exact' : 'inferred';
  link(leaf, {
    fromPromiseFunction: false,
    isStep: false,
    isOfCall: true,
    isOver,
    describe() {
      const wait = describe();
      return wait && { ...wait, confidence };
    },
  });
}

/** Whether the executor of a promise is on the stack; false when there is no budget left to look. `ofProgram` as in {@link executorOnStack}. */
export const isInExecutor = (ofProgram = false): boolean => executorOnStack(ofProgram) === true;

/** Whether the executor of a promise is on the stack; undefined when there is no budget left to look. With `ofProgram` false too when a function of Node's made the call. */
function executorOnStack(ofProgram = false): boolean | undefined {
  if (!tieBudget.take(coarseNow())) return undefined;
  return timed(tieBudget, () => {
    const calls = captureCallSites(WHOLE_DEPTH);
    return calls.some(isPromiseConstructor) && !(ofProgram && isNodes(calls));
  });
}

/** Whether the innermost function with a file is Node's. */
function isNodes(calls: readonly CallSite[]): boolean {
  const caller = calls.find((site) => site.getFileName() !== null);
  return caller?.getFileName()?.startsWith('node:') === true;
}

/** Says what will most likely settle the promise whose executor runs now, where nothing else is known; `source` is asked for only then. `ofProgram` as in {@link executorOnStack}. */
export function settlesExecutor(source: () => WaitSource, ofProgram = false): void {
  const leaf = currentLeaf();
  if (leaf !== null && leaf.source === null && isInExecutor(ofProgram)) leaf.note().source = source();
}

/** Node's promise functions that make a resource next to their promise, not in an executor (`Promise.withResolvers`). */
const PROMISE_MODULES = /^node:(?:timers\/promises|internal\/(?:fs|dns)\/promises)/;
/** Node's own timers, such as a socket's time-out: they settle nothing that the program awaits. */
const TIMER_MODULES = /^node:(?:internal\/)?timers/;

/** These only accompany a listener, which says more. */
const ACCOMPANYING = new Set(['SIGNALWRAP', 'STREAM_END_OF_STREAM']);

export const isTimer = (type: string): boolean => type === 'Timeout' || type === 'Immediate';

/**
 * Whether a resource made with this stack settles the promise made just before: certainly when an executor is on the stack, not at all when the stack
 * shows none, likely when there was no budget for a stack.
 */
export function tie(type: string, made: Origin | undefined, leaf: PromiseRecord): 'exact' | 'inferred' | 'none' {
  if (ACCOMPANYING.has(type)) return 'none';
  if (isTimer(type) && isPromiseTimer()) return 'exact';
  if (made === undefined) return leaf === currentLeaf() && !isTimer(type) && isNodesType(type) ? 'inferred' : 'none';
  const { calls } = made;
  if (calls.some(isBinding)) return 'none';
  const caller = calls.find((site) => !TIMER_MODULES.test(site.getFileName() ?? ''))?.getFileName() ?? '';
  if (calls.some((site) => PROMISE_MODULES.test(site.getFileName() ?? ''))) return 'exact';
  if (isTimer(type) && caller.startsWith('node:')) return 'none';
  if (leaf !== currentLeaf()) return 'inferred';
  if (calls.some(isPromiseConstructor)) return 'exact';
  if (calls.length >= STACK_DEPTH && isInExecutor()) return 'exact';
  return isInOwnConstructor(leaf, calls) ? 'inferred' : 'none';
}

/** `AsyncResource.bind`, whose resource bears the name of the function and is there whether that is called or not (Node 20 to 26). */
const isBinding = (site: CallSite): boolean =>
  site.getFileName() === 'node:async_hooks' && site.getFunctionName() === 'bind';

/** Whether the promise is of a class of its own whose constructor goes on after `super`: a time limit, for example. */
function isInOwnConstructor(leaf: PromiseRecord, calls: readonly CallSite[]): boolean {
  const name = className(promiseOf(leaf));
  if (name === undefined || name === 'Promise') return false;
  return calls.some((site) => site.isConstructor() && site.getFunctionName() === name);
}

/** The next timer of this callback settles the promise made with it. */
export function expectPromiseTimer(): void {
  promiseTimer = callbackId();
}

export const isPromiseTimer = (): boolean => promiseTimer === callbackId();

/** The timer that was expected is there. */
export function endPromiseTimer(): void {
  promiseTimer = undefined;
}

/** The stack on which a resource is made. */
export interface Origin {
  calls: readonly CallSite[];
  sites: readonly number[];
}

const budgets: Record<'tie' | 'list' | 'spare', TimeBudget> = {
  tie: tieBudget,
  list: originBudget,
  spare: spareBudget,
};

/** Where a resource is made, as far as the budget allows; `below` is the running hook. */
export function originOf(
  below: (...args: never[]) => unknown,
  nowMs: number,
  purpose: keyof typeof budgets,
): Origin | undefined {
  const budget = budgets[purpose];
  if (!budget.take(nowMs)) return undefined;
  return timed(budget, () => {
    const calls = callSitesBelow(below, STACK_DEPTH + HOOK_FRAMES).filter(isShown);
    return { calls, sites: calls.filter((site) => site.getFileName() !== null).map(siteOf) };
  });
}

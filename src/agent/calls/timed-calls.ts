/** Times synchronous calls, announces the long ones before they block, and tells each with its line as far as the budgets allow. */
import { performance } from 'node:perf_hooks';
import type { Frame } from '../../protocol/agent.ts';
import { addToApi, putDownTo, skipAfter, takeBack, timeOfAll, type ApiSums } from './api-sums.ts';
import { addDetail, LONG_MS, recordCall, type FinishedCall } from './blocking-calls.ts';
import { newBudget, newTimeBudget } from '../budget.ts';
import { emit } from '../carriers/events.ts';
import { addWithin, isInTimed, takeOutWithin } from './nested-calls.ts';
import { loopStartMs, readLoop, turnNow, type LoopReading } from '../stalls/loop.ts';
import { isStartup } from '../stalls/startup.ts';
import { isForeign, isNodes } from '../stacks/origin.ts';
import { captureCallSites, captureFrames, isOwnInterrupted } from '../stacks/stack.ts';

const STACK_DEPTH = 64;
/** A call from this length on is told with its line, always; shorter ones while the budget lasts. Milliseconds. */
const STACK_FROM_MS = 1;
/** A call of this length is told even when only Node's own code is on the stack. Milliseconds. */
const NODES_FROM_MS = 50;
/** Calls of an API of which one took so long are announced from then on. Milliseconds. */
const SLOW_MS = 50;
/** Stacks of short calls: 10 to 50 us each, at most 0.05 % of the time. */
const stackBudget = newTimeBudget(0.0005, 5);
/** Announcements: 50 us each. */
const announceBudget = newBudget(50, 20);
/** For so long a nested call that is usually short needs no second look at the stack. Milliseconds. */
const NESTED_MS = 1;

/** What is kept of a call's arguments while it lasts: nothing that belongs to the program but text and numbers. */
export type Taken = string | number | undefined;

/** A function that is timed. */
export interface Api extends ApiSums {
  /** `module.function`. */
  name: string;
  /** Its name in a stack. */
  shownAs: string;
  /** Must not run code of the program, nor fail. */
  take: ((args: readonly unknown[], receiver: unknown) => Taken) | undefined;
  /** What was asked of it, in a word or two, without content: a path, a size. As {@link Api.take}. */
  detail: ((taken: Taken, result?: unknown) => string | undefined) | undefined;
  /** Whether this call is told before it blocks. */
  isLong: (taken: Taken, nowMs: number) => boolean;
  /** As {@link Api.isLong}, with more effort, and with the arguments. As {@link Api.take}. */
  foresees?: (args: readonly unknown[], nowMs: number) => boolean;
  /** Shorter calls are nobody's concern. Milliseconds. */
  fromMs: number;
  /** Its code is a package's, not Node's. */
  ofPackage?: boolean;
  /** Calls by this module of Node's are part of another timed one. */
  within?: string;
}

interface OpenCall {
  api: Api;
  taken: Taken;
  startMs: number;
  stack: Frame[] | undefined;
  /** Turn of the loop; known of announced ones. */
  turn: number | undefined;
  /** Known to be still running at that time. */
  seenMs: number;
  /** Not on the stack any more, although no end was seen. */
  thrown: boolean;
  told: FinishedCall | undefined;
  announced: boolean;
}

let open: OpenCall | undefined;
/** The last call that began while another was open. */
let inner: OpenCall | undefined;
/** A call has been announced that is not {@link open} yet. */
let announcing = false;
let tell: (call: FinishedCall) => void = () => {};

/** `handler` hears of each call told. */
export function onCallTold(handler: (call: FinishedCall) => void): void {
  tell = handler;
}

/** The module loader reads files and the console writes them; whoever requires a module or prints a line is not to blame for that. */
const OWN_USE = ['node:internal/modules/', 'node:internal/fs/sync_write_stream'];

/** The innermost frames are enough to know the module loader, which reads each file of a program; a whole stack takes ten times as long. */
const NEAR = 6;

function isOwnUse(): boolean {
  for (const site of captureCallSites(NEAR)) {
    const file = site.getFileName() ?? '';
    if (OWN_USE.some((start) => file.startsWith(start))) return true;
    if (!file.startsWith('node:')) return false;
  }
  return false;
}

function isNodesOwn(stack: readonly Frame[], durationMs: number): boolean {
  for (const frame of stack) {
    if (OWN_USE.some((start) => frame.file.startsWith(start))) return true;
    if (!isForeign(frame)) return false;
  }
  return durationMs < NODES_FROM_MS && stack.every(isNodes);
}

function isOn(stack: readonly Frame[], { api }: OpenCall): boolean {
  const isOwn = api.ofPackage === true ? isForeign : isNodes;
  return stack.some((frame) => isOwn(frame) && frame.function.endsWith(api.shownAs));
}

/** Of a call that is not {@link isNodesOwn}. */
function report(call: OpenCall, stack: Frame[], endMs: number, loop?: LoopReading, result?: unknown): void {
  const { api, taken, startMs } = call;
  const detail = endMs - startMs < STACK_FROM_MS ? undefined : api.detail?.(taken, result);
  if (call.told !== undefined) {
    if (detail !== undefined && detail !== call.told.detail) amend(call.told, detail);
    return;
  }
  const finished: FinishedCall = {
    api: api.name,
    ...(detail === undefined ? {} : { detail }),
    stack,
    startMs,
    endMs,
    startup: isStartup(stack),
    announced: call.announced,
    ...(loop === undefined || endMs - startMs < LONG_MS ? {} : { loop }),
  };
  call.told = finished;
  const line = recordCall(finished, api.untold);
  if (api.fromMs === 0) putDownTo(api, line, endMs);
  api.stack = stack;
  allToldMs += endMs - startMs;
  tell(finished);
}

/** It was taken for one that had thrown, at a moment in which it was just returning. */
function amend(call: FinishedCall, detail: string): void {
  call.detail = detail;
  addDetail(call);
  tell(call);
}

let allToldMs = 0;

/** The time of all calls told so far, milliseconds. */
export const toldMs = (): number => allToldMs;

/** Tells a call that is over and was not {@link callBegins | begun} here, because calls within it are told, too. */
export function tellWhole(api: Api, startMs: number, endMs: number): void {
  if (open !== undefined && !open.thrown) return;
  const stack = captureFrames(STACK_DEPTH);
  const durationMs = endMs - startMs;
  // One of the functions in terms of which Node has written another.
  if (stack[0]?.file === api.within) return;
  addToApi(api, durationMs, 1);
  if (!isNodesOwn(stack, durationMs)) report(newCall(api, undefined, startMs), stack, endMs, readLoop());
}

/** The call that is running now; seen when the program's own code runs inside it (a filter of `cpSync`) or when it is about to return. */
export function openCall(): RunningCall | undefined {
  if (open === undefined || open.thrown) return undefined;
  const { api, taken, startMs, stack, announced } = open;
  return { api: api.name, detail: api.detail?.(taken), startMs, stack, announced };
}

/** Whether a call that was announced is about to begin or not over: a request can interrupt the moment before it blocks. */
export const isCalling = (): boolean => announcing || (open?.announced === true && !open.thrown);

/** As in {@link FinishedCall}. */
interface RunningCall extends Pick<FinishedCall, 'api' | 'startMs' | 'announced'> {
  detail: string | undefined;
  stack: Frame[] | undefined;
}

/**
 * Notes whether the open call is still running. If not, it has thrown (or is just returning): it lasted until it was last seen, or for the time in which it
 * held up the caller of this function (`heldUpMs`). Without an announcement the line of such a call is not known; it is not told then.
 */
export function lookAtOpenCall(nowMs: number, heldUpMs: number): void {
  if (open === undefined || open.thrown) return;
  const running = isOn(captureFrames(STACK_DEPTH), open) || isOwnInterrupted();
  if (running) open.seenMs = nowMs;
  else {
    open.seenMs = Math.max(open.seenMs, Math.min(nowMs, open.startMs + heldUpMs));
    giveUp(open);
  }
}

function giveUp(call: OpenCall): void {
  takeOutWithin(1);
  const { stack, turn, seenMs } = call;
  call.thrown = true;
  const durationMs = seenMs - call.startMs;
  if (stack === undefined || turn === undefined || durationMs < STACK_FROM_MS || isNodesOwn(stack, durationMs)) return;
  report(call, stack, seenMs, { ...readLoop(), turn });
}

/** A call begins. One within another is part of that one: its end is seen, too, and ignored. */
export function callBegins(api: Api, args: readonly unknown[], receiver: unknown): void {
  const nowMs = performance.now();
  const taken = api.take?.(args, receiver);
  const isLong = api.maxMs >= SLOW_MS || api.isLong(taken, nowMs) || api.foresees?.(args, nowMs) === true;
  if (open !== undefined && !open.thrown) {
    if (isLong || nowMs - open.seenMs >= NESTED_MS) lookAtOpenCall(nowMs, 0);
    if (!open.thrown) {
      inner = newCall(api, taken, nowMs);
      return;
    }
  }
  const call = newCall(api, taken, nowMs);
  if (isLong) announce(call);
  // Not earlier: a request that interrupts the announcement must not take a call that has yet to begin for one that is over.
  open = call;
  announcing = false;
}

function announce(call: OpenCall): void {
  call.turn = turnNow();
  if (!announceBudget.take(call.startMs)) return;
  call.stack = captureFrames(STACK_DEPTH);
  if (isNodesOwn(call.stack, Infinity)) return;
  const { name, detail } = call.api;
  const words = detail?.(call.taken);
  announcing = true;
  emit({
    event: 'blocking-begin',
    api: name,
    ...(words === undefined ? {} : { detail: words }),
    atMs: call.startMs,
    stack: call.stack,
  });
  call.announced = true;
  call.startMs = performance.now();
}

const newCall = (api: Api, taken: Taken, startMs: number): OpenCall => ({
  api,
  taken,
  startMs,
  stack: undefined,
  turn: undefined,
  seenMs: startMs,
  thrown: false,
  told: undefined,
  announced: false,
});

/** A call has returned. */
export function callReturned(api: Api, result: unknown): void {
  const call = open?.api === api ? open : inner?.api === api ? inner : undefined;
  if (call === undefined) return;
  const endMs = performance.now();
  const durationMs = endMs - call.startMs;
  if (call === open) open = undefined;
  else inner = undefined;
  const weight = skipAfter(api, endMs, api.fromMs > 0);
  const isOutermost = open === undefined;
  if (isOutermost) {
    addToApi(api, durationMs, weight);
    takeOutWithin(weight);
  } else addWithin(api, durationMs, weight);
  if (durationMs < api.fromMs) return;
  const isShort = call.stack === undefined && durationMs < STACK_FROM_MS;
  if (isShort && !stackBudget.take(endMs)) return;
  if (isOutermost && isShort && loopStartMs() === undefined && isOwnUse()) {
    takeBack(api, durationMs, weight);
    return;
  }
  const stack = call.stack ?? captureFrames(STACK_DEPTH);
  if (isShort) stackBudget.spent(performance.now() - endMs);
  if (open !== undefined) {
    if (isOn(stack, open)) return;
    giveUp(open);
    open = undefined;
  }
  if (isInTimed(stack) || isNodesOwn(stack, durationMs)) {
    if (isOutermost) takeBack(api, durationMs, weight);
    return;
  }
  api.toldMs += timeOfAll(durationMs, weight);
  report(call, stack, endMs, durationMs >= LONG_MS ? readLoop() : undefined, result);
}

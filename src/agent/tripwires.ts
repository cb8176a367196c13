/** Times the synchronous calls that block the event loop, and announces the long ones before they do. */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import type { Frame } from '../protocol/agent.ts';
import { LONG_MS, recordCall, type FinishedCall } from './blocking-calls.ts';
import { bracket, bracketWorks } from './bracket.ts';
import { newBudget } from './budget.ts';
import { emit } from './events.ts';
import { guarded, reportFault } from './faults.ts';
import { loopStartMs, readLoop, type LoopReading } from './loop.ts';
import { isForeign } from './origin.ts';
import { captureFrames } from './stack.ts';
import { beforeCall } from './stop-here.ts';
import { whenLoaded } from './when-loaded.ts';

const STACK_DEPTH = 64;
/** A call from this length on is told with its line, always; shorter ones while the budget lasts. Milliseconds. */
const STACK_FROM_MS = 1;
/** Stacks of short calls: 10 us each, at most 0.2 % of the time. */
const stackBudget = newBudget(200, 100);
/** Announcements: 50 us each. */
const announceBudget = newBudget(50, 20);
/** Measured calls of APIs that are usually short: 0.5 us each, at most 1 % of the time. */
const timeBudget = newBudget(20_000, 5000);
/** For so long a nested call that is usually short needs no second look at the stack. Milliseconds. */
const NESTED_MS = 1;

interface Api {
  /** `module.function`. */
  name: string;
  /** Its name in a stack. */
  shownAs: string;
  /** Told before it blocks. */
  announced: boolean;
}

interface OpenCall {
  api: Api;
  startMs: number;
  stack: Frame[] | undefined;
  /** Turn of the loop; known of announced ones. */
  turn: number | undefined;
  /** Known to be still running at that time. */
  seenMs: number;
  /** Not on the stack any more, although no end was seen. */
  thrown: boolean;
  told: boolean;
}

let open: OpenCall | undefined;
/** The last call that began while another was open. */
let inner: { api: Api; startMs: number } | undefined;
let tell: (call: FinishedCall) => void = () => {};

/** The module loader reads files and the console writes them; whoever requires a module or prints a line is not to blame for that. */
const OWN_USE = /^node:internal\/(?:modules\/|fs\/sync_write_stream)/;

function isNodesOwn(stack: readonly Frame[]): boolean {
  for (const frame of stack) {
    if (OWN_USE.test(frame.file)) return true;
    if (!isForeign(frame)) return false;
  }
  return stack.every(({ file }) => /^node:|^<anonymous>$/.test(file));
}

/** Also the top level of an ES module, which runs after the loop has started. */
export function isStartup(stack: readonly Frame[]): boolean {
  return loopStartMs() === undefined || stack.some(({ file }) => file === 'node:internal/modules/esm/module_job');
}

function isOn(stack: readonly Frame[], { api }: OpenCall): boolean {
  return stack.some((f) => /^node:|^<anonymous>$/.test(f.file) && f.function.endsWith(api.shownAs));
}

function report(call: OpenCall, stack: Frame[], endMs: number, loop?: LoopReading): void {
  if (call.told || isNodesOwn(stack)) return;
  call.told = true;
  const finished = { api: call.api.name, stack, startMs: call.startMs, endMs, startup: isStartup(stack) };
  const told = loop === undefined || endMs - call.startMs < LONG_MS ? finished : { ...finished, loop };
  recordCall(told);
  tell(told);
}

/** The call that is running now; seen when the program's own code runs inside it (a filter of `cpSync`) or when it is about to return. */
export function openCall(): { api: string; startMs: number; stack: Frame[] | undefined } | undefined {
  if (open === undefined || open.thrown) return undefined;
  return { api: open.api.name, startMs: open.startMs, stack: open.stack };
}

/**
 * Notes whether the open call is still running. If not, it has thrown (or is just returning): it lasted until it was last seen, or until now when it held
 * up the caller of this function (`heldUp`). Without an announcement the line of such a call is not known; it is not told then.
 */
export function lookAtOpenCall(nowMs: number, heldUp: boolean): void {
  if (open === undefined || open.thrown) return;
  const running = isOn(captureFrames(STACK_DEPTH), open);
  if (running || heldUp) open.seenMs = nowMs;
  if (!running) giveUp(open);
}

function giveUp(call: OpenCall): void {
  const { stack, turn, seenMs } = call;
  call.thrown = true;
  if (stack === undefined || turn === undefined || seenMs - call.startMs < STACK_FROM_MS) return;
  report(call, stack, seenMs, { ...readLoop(), turn });
}

/** Answers whether the end is to be seen. A call within another is part of that one: its end is seen, too, and ignored. */
function begin(api: Api): boolean {
  const nowMs = performance.now();
  if (open !== undefined && !open.thrown) {
    if (api.announced || nowMs - open.seenMs >= NESTED_MS) lookAtOpenCall(nowMs, false);
    if (!open.thrown) {
      inner = { api, startMs: nowMs };
      return true;
    }
  }
  if (!api.announced && !timeBudget.take(nowMs)) return false;
  const call = newCall(api, nowMs);
  if (api.announced) {
    call.turn = readLoop().turn;
    if (announceBudget.take(nowMs)) {
      call.stack = captureFrames(STACK_DEPTH);
      emit({ event: 'blocking-begin', api: api.name, atMs: nowMs, stack: call.stack });
      call.startMs = performance.now();
    }
  }
  open = call;
  return true;
}

const newCall = (api: Api, startMs: number): OpenCall => ({
  api,
  startMs,
  stack: undefined,
  turn: undefined,
  seenMs: startMs,
  thrown: false,
  told: false,
});

function end(api: Api): void {
  const call = open?.api === api ? open : innerCall(api);
  if (call === undefined) return;
  const endMs = performance.now();
  const durationMs = endMs - call.startMs;
  if (call === open) open = undefined;
  else inner = undefined;
  if (call.stack === undefined && durationMs < STACK_FROM_MS && !stackBudget.take(endMs)) return;
  const stack = call.stack ?? captureFrames(STACK_DEPTH);
  if (open !== undefined) {
    if (isOn(stack, open)) return;
    giveUp(open);
    open = undefined;
  }
  report(call, stack, endMs, durationMs >= LONG_MS ? readLoop() : undefined);
}

/** The call taken for one within another: the other may have thrown just before it. */
function innerCall(api: Api): OpenCall | undefined {
  return inner?.api === api ? newCall(api, inner.startMs) : undefined;
}

function install(holder: object, key: string, name: string, announced: boolean): void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  const original: unknown = descriptor?.value;
  if (typeof original !== 'function' || descriptor?.configurable !== true) return;
  const api: Api = { name, shownAs: original.name === '' ? key : original.name, announced };
  const value = bracket(original as (...args: never[]) => unknown, {
    begin: () => {
      beforeCall(name);
      return guarded(name, () => begin(api), false);
    },
    end: () => guarded(name, () => end(api), undefined),
  });
  Object.defineProperty(holder, key, { ...descriptor, value });
}

const CRYPTO = ['pbkdf2Sync', 'scryptSync', 'generateKeyPairSync'];
const CRYPTO_SHORT = ['hkdfSync', 'generateKeySync', 'generatePrimeSync', 'checkPrimeSync', 'randomFillSync'];
const syncNames = (holder: object): string[] => Object.keys(holder).filter((key) => key.endsWith('Sync'));

/** Puts the tripwires on the modules of Node; once for each thread, before the program's own code. `onEnd` hears of each call told. */
export function installTripwires(onEnd: (call: FinishedCall) => void): void {
  tell = onEnd;
  if (!bracketWorks()) {
    reportFault('tripwires', 'this runtime does not let synchronous calls be timed; they are told only as stalls');
    return;
  }
  install(fs.realpathSync, 'native', 'fs.realpathSync.native', false);
  for (const key of syncNames(fs)) install(fs, key, `fs.${key}`, false);
  for (const key of syncNames(childProcess)) install(childProcess, key, `child_process.${key}`, true);
  whenLoaded<object>('crypto', (crypto) => {
    for (const key of CRYPTO) install(crypto, key, `crypto.${key}`, true);
    for (const key of CRYPTO_SHORT) install(crypto, key, `crypto.${key}`, false);
  });
  whenLoaded<object>('zlib', (zlib) => {
    for (const key of syncNames(zlib)) install(zlib, key, `zlib.${key}`, true);
  });
  install(Atomics, 'wait', 'Atomics.wait', true);
  syncBuiltinESMExports();
}

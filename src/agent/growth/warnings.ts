/**
 * Reads Node's own warnings as they are queued, for what they tell of the program: `process.emitWarning` queues a tick whose only argument is the warning
 * (Node 20 to 26). No listener, nothing replaced: a program can't see it.
 */
import { performance } from 'node:perf_hooks';
import { types } from 'node:util';
import type { TimerOverflow } from '../../protocol/growth.ts';
import { newTimeBudget } from '../budget.ts';
import { emitterListeners, noteCrowd } from './listener-growth.ts';
import { coarseNow } from '../promises/promises.ts';
import { isExplanation, noteHandledLate, noteWarned } from './rejections.ts';
import { siteOf } from '../stacks/sites.ts';
import { captureCallSites } from '../stacks/stack.ts';
import { own, ownText } from '../waits/objects.ts';

const STACK_DEPTH = 16;
const MAX_LINES = 100;
const budget = newTimeBudget(0.002, 20);

interface Overflow extends Omit<TimerOverflow, 'frames'> {
  sites: number[];
}

const overflows = new Map<string, Overflow>();

/** What a tick calls, and with what (`process.nextTick`, Node 20 to 26). */
interface Tick {
  callback: unknown;
  args?: unknown[];
}

/** The function of Node's that such a tick calls; undefined as long as it is not known. Of other ticks nothing is looked at. */
let teller: unknown;

/** Node's `process.emitWarning`, and no other, queues its tick in these words (Node 20 to 26). */
const QUEUES = 'process.nextTick(doEmitWarning, warning)';

/** Learns what ticks with warnings call: a warning is passed to a stand-in for `nextTick`, and nothing is queued, which could show in the program's stacks. */
export function learnWarningTick(): void {
  const { emitWarning, nextTick } = process;
  if (!Function.prototype.toString.call(emitWarning).includes(QUEUES)) return;
  if (Object.getOwnPropertyDescriptor(process, 'nextTick')?.writable !== true) return;
  process.nextTick = (callback: unknown): void => {
    teller = callback;
  };
  try {
    process.emitWarning(new Error('sample'));
  } finally {
    process.nextTick = nextTick;
  }
}

/** A tick is being queued. */
export function noteTick(tick: object): void {
  const { callback } = tick as Tick;
  if (teller === undefined || callback === teller) look(tick as Tick);
}

function look(tick: Tick): void {
  const { args } = tick;
  if (args?.length !== 1 || !types.isNativeError(args[0])) return;
  const [warning] = args;
  const name = ownText(warning, 'name');
  if (name === 'TimeoutOverflowWarning') noteOverflow(ownText(warning, 'message') ?? '');
  else if (name === 'PromiseRejectionHandledWarning') noteLate(warning);
  else if (name === 'UnhandledPromiseRejectionWarning') noteUnhandled(ownText(warning, 'message') ?? '');
  else if (name === 'MaxListenersExceededWarning') {
    const emitter = own(warning, 'emitter');
    if (emitter !== undefined) noteCrowd(emitter, own(warning, 'type'), emitterListeners);
  }
}

function noteLate(warning: Error): void {
  withinBudget(() => noteHandledLate(warning));
}

/** The second of two warnings about one rejection costs next to nothing, and must not be missed. */
function noteUnhandled(message: string): void {
  if (isExplanation(message)) noteWarned(message);
  else withinBudget(() => noteWarned(message));
}

function withinBudget(work: () => void): void {
  if (!budget.take(coarseNow())) return;
  const start = performance.now();
  work();
  budget.spent(performance.now() - start);
}

/** "3000000000 does not fit into a 32-bit signed integer." */
function noteOverflow(message: string): void {
  if (!budget.take(coarseNow())) return;
  const sites = captureCallSites(STACK_DEPTH)
    .filter((site) => site.getFileName() !== null)
    .map(siteOf);
  const delay = message.split(' ', 1)[0] ?? '';
  const key = sites.join();
  const known = overflows.get(key);
  if (known !== undefined) Object.assign(known, { delay, count: known.count + 1 });
  else if (overflows.size < MAX_LINES) overflows.set(key, { sites, delay, count: 1 });
}

/** Timers with a delay that is too long, by line. */
export function timerOverflows(): Iterable<Overflow> {
  return overflows.values();
}

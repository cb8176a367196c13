/**
 * Notes rejections that end the program, or would: `uncaughtExceptionMonitor` is told of them before anything is done about it, and changes nothing (Node 20
 * to 26). Programs that listen to `unhandledRejection` themselves handle them, and nothing is noted.
 */
import { types } from 'node:util';
import type { Rejection } from '../protocol/rejections.ts';
import { guarded } from './faults.ts';
import { refreshClock } from './promises.ts';
import { framesOfText } from './stack-text.ts';
import { className, ownText } from './waits/objects.ts';

const MAX_REJECTIONS = 20;
const MAX_FRAMES = 30;
const MAX_MESSAGE = 500;

const rejections: Rejection[] = [];

/** Since V8 13 a getter of its own that every error has. */
const getter = Object.getOwnPropertyDescriptor(new Error('sample'), 'stack')?.get;

/** The text that Node is about to print. Where the program formats stacks itself and Node may print nothing, it is not asked for. */
function stackOf(error: Error): string {
  const isFormatted = typeof Error.prepareStackTrace === 'function';
  if (isFormatted && process.listenerCount('uncaughtException') > 0) return '';
  const found = Object.getOwnPropertyDescriptor(error, 'stack');
  const text: unknown = found?.get !== undefined && found.get === getter ? found.get.call(error) : found?.value;
  return typeof text === 'string' ? text : '';
}

function note(reason: unknown): void {
  if (rejections.length >= MAX_REJECTIONS) return;
  const atMs = refreshClock();
  if (!types.isNativeError(reason)) {
    rejections.push({
      message: typeof reason === 'string' ? reason.slice(0, MAX_MESSAGE) : typeof reason,
      stack: [],
      atMs,
    });
    return;
  }
  const error = className(reason);
  rejections.push({
    ...(error === undefined ? {} : { error }),
    message: (ownText(reason, 'message') ?? '').slice(0, MAX_MESSAGE),
    stack: framesOfText(stackOf(reason), MAX_FRAMES),
    atMs,
  });
}

/** Starts listening. */
export function startRejections(): void {
  process.on('uncaughtExceptionMonitor', (reason: unknown, origin: string) => {
    if (origin === 'unhandledRejection') guarded('rejection', () => note(reason), undefined);
  });
}

/** In order; at most 20. */
export function unhandledRejections(): Rejection[] {
  return rejections;
}

/**
 * Notes rejections that end the program, or would: `uncaughtExceptionMonitor` is told of them before anything is done about it, and changes nothing (Node 20
 * to 26). Programs that listen to `unhandledRejection` themselves handle them, and nothing is noted.
 */
import { types } from 'node:util';
import type { Rejection } from '../../protocol/rejections.ts';
import { guarded } from '../faults.ts';
import { originsOf } from '../owners/origins.ts';
import { refreshClock } from '../promises/promises.ts';
import { framesOfText } from '../stacks/stack-text.ts';
import { className, ownText } from '../waits/objects.ts';

const MAX_REJECTIONS = 20;
const MAX_FRAMES = 30;
const MAX_MESSAGE = 500;

/** V8's for stacks. */
const USUAL_LIMIT = 10;
/** What Node does about rejections. */
const NODES_PROMISES = 'node:internal/process/promises';

const rejections: Rejection[] = [];
/** By the line that handled them. */
const handledLate = new Map<string, Rejection & { handledLate: number }>();

/** Since V8 13 a getter of its own that every error has. */
const getter = Object.getOwnPropertyDescriptor(new Error('sample'), 'stack')?.get;

/** Node's own (since 20), if there is one. */
const stackFormat: unknown = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')?.value;

/** Whether the program formats stacks itself: its function would run. */
function isFormatted(): boolean {
  return Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')?.value !== stackFormat;
}

/** The text that Node is about to print. Where the program formats stacks itself and Node may print nothing, it is not asked for. */
function stackOf(error: Error): string {
  if (isFormatted() && process.listenerCount('uncaughtException') > 0) return '';
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
  const stack = framesOfText(stackOf(reason), MAX_FRAMES);
  // A longer one was cut off.
  const origins = stack.length < USUAL_LIMIT ? guarded('origins', () => originsOf(stack), []) : [];
  rejections.push({
    ...(error === undefined ? {} : { error }),
    message: (ownText(reason, 'message') ?? '').slice(0, MAX_MESSAGE),
    stack,
    atMs,
    ...(origins.length === 0 ? {} : { origins }),
  });
}

/** Node's own words beside the text of the error, which comes before (20 to 26). */
const EXPLAINS = 'Unhandled promise rejection. ';
const STACK = '\n    at ';
/** Whether a warning of Node's only says what another one, the one before, was about. */
export const isExplanation = (text: string): boolean => text.startsWith(EXPLAINS);

/** Node warns of a rejection, as `--unhandled-rejections=warn` and `strict` have it: `text` is the stack of the error, or what was thrown (Node 20 to 26). */
export function noteWarned(text: string): void {
  if (!isExplanation(text)) {
    warned = rejectionOf(text);
    return;
  }
  const id = idIn(text);
  if (warned !== undefined && id !== undefined && warnings.size < MAX_WARNINGS) warnings.set(id, warned);
  warned = undefined;
}

/** Of which Node has warned, by the number that it gives them. */
const warnings = new Map<string, Rejection>();
const MAX_WARNINGS = 1000;
/** The number comes with a warning of its own, the next one. */
let warned: Rejection | undefined;

/** "(rejection id: 7)". */
const idIn = (text: string): string | undefined => /\(rejection id: (\d+)\)/.exec(text)?.[1];

/** Somebody handled it after all. */
function takeBack(id: string): void {
  const rejection = warnings.get(id);
  warnings.delete(id);
  if (rejection === undefined || [...warnings.values()].includes(rejection)) return;
  rejections.splice(rejections.indexOf(rejection), 1);
}

/** One for each line and message; undefined of too many. */
function rejectionOf(text: string): Rejection | undefined {
  const stack = framesOfText(text, MAX_FRAMES);
  const [head = ''] = text.split(STACK, 1);
  const named = stack.length === 0 ? -1 : head.indexOf(': ');
  const message = head.slice(named < 0 ? 0 : named + 2).slice(0, MAX_MESSAGE);
  const [at] = stack;
  const known = rejections.find(
    (each) => each.message === message && each.stack[0]?.line === at?.line && each.stack[0]?.file === at?.file,
  );
  if (known !== undefined || rejections.length >= MAX_REJECTIONS) return known;
  const origins = stack.length < USUAL_LIMIT ? guarded('origins', () => originsOf(stack), []) : [];
  const rejection = {
    ...(named < 0 ? {} : { error: head.slice(0, named) }),
    message,
    stack,
    atMs: refreshClock(),
    ...(origins.length === 0 ? {} : { origins }),
  };
  rejections.push(rejection);
  return rejection;
}

/** Node's warning about a rejection that was handled after it had told of it as unhandled; its stack was taken where it was handled (Node 20 to 26). */
export function noteHandledLate(warning: Error): void {
  const id = idIn(ownText(warning, 'message') ?? '');
  if (id !== undefined) takeBack(id);
  // One of the program's would run.
  if (isFormatted()) return;
  const stack = framesOfText(stackOf(warning), MAX_FRAMES).filter(({ file }) => file !== NODES_PROMISES);
  const [at] = stack;
  if (at === undefined) return;
  const key = `${at.file}:${at.line}:${at.column}`;
  const known = handledLate.get(key);
  if (known !== undefined) known.handledLate++;
  else if (handledLate.size < MAX_REJECTIONS)
    handledLate.set(key, { message: '', stack, atMs: refreshClock(), handledLate: 1 });
}

/** Starts listening. */
export function startRejections(): void {
  process.on('uncaughtExceptionMonitor', (reason: unknown, origin: string) => {
    if (origin === 'unhandledRejection') guarded('rejection', () => note(reason), undefined);
  });
}

/** In order; at most 20, and at most 20 lines that handled some too late. */
export function unhandledRejections(): Rejection[] {
  return [...rejections, ...handledLate.values()];
}

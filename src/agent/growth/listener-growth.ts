/** Watches emitters and signals that have got many listeners for one event. */
import type { Growth } from '../../protocol/growth.ts';
import { turnNow } from '../stalls/loop.ts';
import { siteOf } from '../stacks/sites.ts';
import { captureCallSites } from '../stacks/stack.ts';
import { eventName } from '../waits/events.ts';
import { className, own, plain } from '../waits/objects.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

/** One event of one emitter. */
interface Crowd {
  emitter: WeakRef<object>;
  event: unknown;
  listeners(emitter: object): readonly unknown[];
  /** Text of the function that one too many was; its likes are counted. */
  text: string | undefined;
  sites: number[];
  /** In which turn of the loop it was last looked at. */
  turn: number;
  count: number;
  turns: number;
}

/** More emitters than this are not watched. */
const MAX_CROWDS = 50;
/** More listeners of one event are not looked at one by one. */
const MAX_LISTENERS = 5000;
const STACK_DEPTH = 16;
const sourceText = Function.prototype.toString;

let crowds: Crowd[] = [];
let next = 0;

/** `once` wraps the listener and keeps it under this name (lib/events.js). */
const unwrapped = (listener: unknown): unknown => own(listener, 'listener') ?? listener;

function textOf(listener: unknown): string | undefined {
  const plainListener = plain(unwrapped(listener));
  return typeof plainListener === 'function' ? apply(sourceText, plainListener, []) : undefined;
}

/** Listeners of an `EventEmitter`. */
export function emitterListeners(emitter: object, event: unknown): readonly unknown[] {
  const found = own(own(emitter, '_events'), event as PropertyKey);
  return Array.isArray(found) ? (found as unknown[]) : found === undefined ? [] : [found];
}

/** The code that runs adds a listener to a crowd. `listener`: the one that is being added; by default the last one. */
export function noteCrowd(
  emitter: unknown,
  event: unknown,
  read: (emitter: object, event: unknown) => readonly unknown[],
  listener?: unknown,
): void {
  const object = plain(emitter);
  if (object === undefined || crowds.length >= MAX_CROWDS) return;
  if (crowds.some((crowd) => crowd.emitter.deref() === object && crowd.event === event)) return;
  const listeners = (target: object): readonly unknown[] => read(target, event);
  const all = listeners(object);
  crowds.push({
    emitter: new WeakRef(object),
    event,
    listeners,
    text: textOf(listener ?? all.at(-1)),
    sites: captureCallSites(STACK_DEPTH)
      .filter((site) => site.getFileName() !== null)
      .map(siteOf),
    turn: turnNow(),
    count: all.length,
    turns: 1,
  });
}

/** Something happens: has one of the crowds grown? Looks at one of them, in each turn of the loop once. */
export function lookAtCrowds(): void {
  if (crowds.length > 0) lookAtNext();
}

/** On its own: V8 makes room for what a closure has in it at every call of the function around it. */
function lookAtNext(): void {
  const turn = turnNow();
  next = (next + 1) % crowds.length;
  const crowd = crowds[next];
  if (crowd === undefined || crowd.turn === turn) return;
  const emitter = crowd.emitter.deref();
  if (emitter === undefined) {
    crowds = crowds.filter((each) => each !== crowd);
    return;
  }
  crowd.turn = turn;
  const { length } = crowd.listeners(emitter);
  if (length > crowd.count) {
    crowd.count = length;
    crowd.turns++;
  }
}

/** Crowds of at least `least` like listeners. */
export function listenerGrowth(least: number): (Growth & { sites: number[] })[] {
  return crowds.flatMap(({ emitter, event, listeners, text, sites, turns }) => {
    const object = emitter.deref();
    const all = object === undefined ? [] : listeners(object);
    if (object === undefined || all.length < least) return [];
    const live = all.slice(0, MAX_LISTENERS).filter((listener) => textOf(listener) === text).length;
    const name = eventName(event);
    const of = className(object);
    const known = { ...(name === undefined ? {} : { event: name }), ...(of === undefined ? {} : { emitter: of }) };
    return live < least ? [] : [{ kind: 'listener' as const, frames: [], sites, live, turns, ...known }];
  });
}

/** Counts listeners of abort signals, of which Node itself does not warn since version 22. */
import events from 'node:events';
import { noteCrowd } from './listener-growth.ts';
import { plain } from '../waits/objects.ts';
import { addedToTarget } from '../waits/added-listeners.ts';
import { observe } from '../waits/observe.ts';
import { followSignal, hasDeadlines } from '../waits/signals.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

/** As many as Node allows an emitter by default. */
const USUAL = 10;

const { isPrototypeOf } = Object.prototype;
const signalPrototype = AbortSignal.prototype;
const { getEventListeners } = events;

/** By signal: after how many more listeners it is to be looked at. */
const left = new WeakMap<object, number>();

const listenersOf = (signal: object): readonly unknown[] => getEventListeners(signal as AbortSignal, 'abort');

/** Starts counting. */
export function watchSignalListeners(): void {
  observe(
    EventTarget.prototype,
    'addEventListener',
    {
      returned({ self, args: [event, listener] }) {
        const signal = plain(self);
        if (event !== 'abort' || signal === undefined || !apply(isPrototypeOf, signalPrototype, [signal])) {
          addedToTarget(self, event);
          return;
        }
        if (hasDeadlines()) followSignal(signal);
        const before = left.get(signal) ?? USUAL + 1;
        const now = before > 1 ? before - 1 : USUAL + 1 - listenersOf(signal).length;
        left.set(signal, Math.max(1, now));
        if (now <= 0) noteCrowd(signal, 'abort', listenersOf, listener);
      },
    },
    true,
  );
}

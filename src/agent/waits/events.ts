/** Tells waits for events: `events.once` and `events.on`, whose arguments say which event of which emitter. */
import events from 'node:events';
import type { WaitFacts } from '../../protocol/agent.ts';
import { callWait, settles, weak, withAbort } from './call-wait.ts';
import { emitterFacts } from './emitter-facts.ts';
import { watchGenerator } from './generators.ts';
import { observe, type Call } from './observe.ts';
import { className } from './objects.ts';
import { abortOf, signalOf } from './signals.ts';

/** The name of an event as it is written in the program. */
export function eventName(name: unknown): string | undefined {
  if (typeof name === 'string') return name;
  return typeof name === 'symbol' ? name.toString() : undefined;
}

/** Several events, any of which ends the wait, as the text within quotes. */
export const eventNames = (names: readonly string[]): string => names.join("' or '");

type EventApi = NonNullable<Extract<WaitFacts, { kind: 'event' }>['api']>;

/** A wait for an event of `emitter`; `of`: its class, when that was read while it was certainly alive. */
export function eventFacts(
  emitter: unknown,
  name: unknown,
  api: EventApi | undefined,
  of: string | undefined = className(emitter),
): WaitFacts {
  const event = eventName(name);
  const subject = emitterFacts(emitter);
  return {
    kind: 'event',
    ...(event === undefined ? {} : { event }),
    ...(of === undefined ? {} : { emitter: of }),
    ...(api === undefined ? {} : { api }),
    ...(subject === undefined ? {} : { subject }),
  };
}

/** Whether `events.once` adds its listeners at this moment: an async function, so it always returns. */
export let isInOnce = false;

function once({ args: [emitter, name, options], result }: Call): void {
  isInOnce = false;
  const from = weak(emitter);
  const of = className(emitter);
  const signal = weak(signalOf(options) ?? emitter);
  settles(
    result,
    callWait(() => withAbort(eventFacts(from(), name, 'once', of), abortOf(signal()))),
  );
}

function on({ args: [emitter, name, options], result }: Call): void {
  const from = weak(emitter);
  const signal = weak(signalOf(options));
  const of = className(emitter);
  const wait = callWait(() => withAbort(eventFacts(from(), name, 'on', of), abortOf(signal())));
  watchGenerator(result, { returned: () => wait });
}

/** Starts telling; call before the program's own code runs. */
export function watchEvents(): void {
  const called = (): void => {
    isInOnce = true;
  };
  observe(events, 'once', { called, returned: once });
  observe(events, 'on', { returned: on });
}

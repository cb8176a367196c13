/** Tells waits for events: `events.once` and `events.on`, whose arguments say which event of which emitter. */
import events from 'node:events';
import type { WaitFacts } from '../../protocol/agent.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { CallWait, callWait, settles, weak, withAbort } from './call-wait.ts';
import { emitterFacts } from './emitter-facts.ts';
import { watchGenerator } from './generators.ts';
import { observe, type Call } from './observe.ts';
import { className } from './objects.ts';
import { abortOf, abortOfOwner, signalOf } from './signals.ts';

/** The name of an event as it is written in the program. */
export function eventName(name: unknown): string | undefined {
  if (typeof name === 'string') return name;
  return typeof name === 'symbol' ? name.toString() : undefined;
}

/** Several events, any of which ends the wait, as the text within quotes. */
export const eventNames = (names: readonly string[]): string => names.join("' or '");

type EventApi = NonNullable<Extract<WaitFacts, { kind: 'event' }>['api']>;

const OF_READING = /(?:^|')(?:end|data|readable)(?:'|$)/;

/** Whoever waits for the end of a connection does not wait for the body of the request that came over it. */
function subjectOf(facts: WaitFacts | undefined, event: string): WaitFacts | undefined {
  if (facts?.kind !== 'http' || facts.server !== true || OF_READING.test(event)) return facts;
  const { phase, ...rest } = facts;
  return phase === 'reader' || phase === 'body' ? rest : facts;
}

/** A wait for an event of `emitter`; `of`: its class, when that was read while it was certainly alive. */
export function eventFacts(
  emitter: unknown,
  name: unknown,
  api: EventApi | undefined,
  of: string | undefined = className(emitter),
  graph?: AwaitGraph,
): WaitFacts {
  const event = eventName(name);
  const subject = subjectOf(emitterFacts(emitter, graph), event ?? '');
  const facts: WaitFacts = {
    kind: 'event',
    ...(event === undefined ? {} : { event }),
    ...(of === undefined ? {} : { emitter: of }),
    ...(api === undefined ? {} : { api }),
    ...(subject === undefined ? {} : { subject }),
  };
  // What is known of the emitter tells it already.
  return withAbort(facts, subject === undefined && isObject(emitter) ? abortOfOwner(emitter) : undefined);
}

/** Whether `events.once` adds its listeners at this moment: an async function, so it always returns. */
export let isInOnce = false;

const isObject = (value: unknown): value is object =>
  typeof value === 'function' || (typeof value === 'object' && value !== null);

/** One call of `events.once`: programs call it for each piece that they read. */
class OnceWait extends CallWait {
  readonly #emitter: WeakRef<object> | undefined;
  readonly #event: unknown;
  readonly #class: string | undefined;
  readonly #signal: WeakRef<object> | undefined;

  constructor(emitter: unknown, event: unknown, options: unknown) {
    super();
    const signal = options === undefined ? undefined : signalOf(options);
    this.#emitter = isObject(emitter) ? new WeakRef(emitter) : undefined;
    this.#event = event;
    this.#class = className(emitter);
    this.#signal = signal && new WeakRef(signal);
  }

  protected override tell(graph?: AwaitGraph): WaitFacts {
    const emitter = this.#emitter?.deref();
    // A signal is an emitter of its own `abort`.
    const signal = this.#signal === undefined ? emitter : this.#signal.deref();
    return withAbort(eventFacts(emitter, this.#event, 'once', this.#class, graph), abortOf(signal));
  }
}

function once({ args: [emitter, name, options], result }: Call): void {
  isInOnce = false;
  settles(result, new OnceWait(emitter, name, options));
}

function on({ args: [emitter, name, options], result }: Call): void {
  const from = weak(emitter);
  const signal = weak(signalOf(options));
  const of = className(emitter);
  const wait = callWait((graph) => withAbort(eventFacts(from(), name, 'on', of, graph), abortOf(signal())));
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

/** Finds promises that a listener of an emitter will settle, as in `new Promise((resolve) => socket.once('drain', resolve))`. */
import type { WaitFacts } from '../../protocol/agent.ts';
import { guarded } from '../faults.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { promiseOf } from '../promises/promise-list.ts';
import { awaitersOfResolvers } from '../walks/probe.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { ownerOf } from '../resources/resource-facts.ts';
import { knownResources } from '../resources/resources.ts';
import { siteOf } from '../stacks/sites.ts';
import { each, PACE, type Steps } from '../tree/slices.ts';
import { callWait, weak } from './call-wait.ts';
import { notedEmitters } from './emitters.ts';
import { eventFacts, eventName, eventNames } from './events.ts';
import { own, plain } from './objects.ts';
import { linkSubclasses } from './subclasses.ts';
import { linkSyncIterators } from './sync-iterators.ts';
import { isProcess, processFacts } from './process-facts.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

/*
 * No hook tells which promise a function resolves. V8's async stack walker does: it goes on from a reaction whose handler is a promise's own resolve
 * function (Isolate::CaptureAsyncStackTrace, Node 20 to 26). The listeners of a live emitter are thus tied to the lines that wait for them.
 */

const MAX_EMITTERS = 2000;
const MAX_RESOLVERS = 500;
const MAX_PROMISES = 2000;
const CHAIN_DEPTH = 8;

/** A resolve function that listens, with all it listens to. */
interface Resolver {
  emitter: object;
  events: string[];
  chain: string;
}

const sourceText = Function.prototype.toString;
const NATIVE = apply(sourceText, Promise.resolve.bind(Promise), []);

/** A promise's resolve function has no name and is V8's own; so is `reject`, which leads nowhere. */
function isResolver(listener: unknown): listener is object {
  return (
    typeof listener === 'function' &&
    plain(listener) !== undefined &&
    own(listener, 'name') === '' &&
    own(listener, 'length') === 1 &&
    apply(sourceText, listener, []) === NATIVE
  );
}

/** `once` wraps the listener and keeps it under this name (lib/events.js). */
const unwrapped = (listener: unknown): unknown => own(listener, 'listener') ?? listener;

/** Emitters that a live handle leads to, with the messages on their way on a socket. */
function* findEmitters(): Steps<Set<object>> {
  const found = new Set<object>();
  let count = 0;
  // A copy: the program may run in between, and then those that are over are taken out.
  yield* each(knownResources().slice(), (record) => {
    const target = count < MAX_EMITTERS ? record.live() : undefined;
    const owner = target && plain(ownerOf(target));
    if (owner === undefined) return;
    count++;
    found.add(owner);
    const message = plain(own(owner, '_httpMessage'));
    if (message === undefined) return;
    found.add(message);
    for (const key of ['req', 'res']) {
      const other = plain(own(message, key));
      if (other !== undefined) found.add(other);
    }
  });
  if (count < MAX_EMITTERS) for (const emitter of notedEmitters(MAX_EMITTERS)) found.add(emitter);
  return found;
}

function* listenersOf(emitter: object): Generator<{ event: string | symbol; listener: unknown }> {
  const events = plain(own(emitter, '_events'));
  if (events === undefined) return;
  for (const event of Reflect.ownKeys(events)) {
    const found = own(events, event);
    if (!Array.isArray(found)) yield { event, listener: unwrapped(found) };
    else for (const listener of found as unknown[]) yield { event, listener: unwrapped(listener) };
  }
}

function* findResolvers(): Steps<Map<object, Resolver>> {
  const found = new Map<object, Resolver>();
  yield* each([...(yield* findEmitters())], (emitter) => {
    for (const { event, listener } of listenersOf(emitter)) {
      const name = eventName(event);
      if (name === undefined || !isResolver(listener)) continue;
      const known = found.get(listener);
      if (known !== undefined) known.events.push(name);
      else if (found.size < MAX_RESOLVERS) found.set(listener, { emitter, events: [name], chain: '' });
    }
  });
  return found;
}

const UNKNOWN: WaitFacts = { kind: 'event' };

/** A source found here; one that is only likely is looked at again next time. */
class ListenerWait implements WaitSource {
  readonly fromPromiseFunction = false;
  readonly isStep = false;
  readonly tell: (graph?: AwaitGraph) => WaitFacts;
  readonly confidence: 'exact' | 'inferred';

  constructor({ emitter, events }: Resolver, confidence: 'exact' | 'inferred') {
    const from = weak(emitter);
    this.tell = (graph) => {
      const facts = guarded('listener', () => eventFacts(from(), events[0], undefined, undefined, graph), UNKNOWN);
      return facts.kind === 'event' ? { ...facts, event: eventNames(events) } : facts;
    };
    this.confidence = confidence;
  }

  get isGuess(): boolean {
    return this.confidence === 'inferred';
  }

  isOver(): boolean {
    return false;
  }

  describe(graph?: AwaitGraph): { facts: WaitFacts; confidence: 'exact' | 'inferred' } {
    return { facts: this.tell(graph), confidence: this.confidence };
  }
}

/** Whether it is not certain yet what settles the promise. */
const isOpen = ({ source }: PromiseRecord): boolean => source === null || source.isGuess === true;

/** Promises waited for at each chain of lines, oldest first. */
function* openPromises(graph: AwaitGraph): Steps<Map<string, PromiseRecord[]>> {
  const open = new Map<string, PromiseRecord[]>();
  const known = new Set<PromiseRecord>();
  const note = ({ parent, chain, sampled }: PromiseRecord): void => {
    if (known.size >= MAX_PROMISES) return;
    if (parent === null || chain === null || chain.length === 0 || sampled || known.has(parent)) return;
    if (graph.suspendedIn.get(parent)?.link === false || !isOpen(parent)) return;
    known.add(parent);
    const key = chain.join();
    const promises = open.get(key);
    if (promises === undefined) open.set(key, [parent]);
    else promises.push(parent);
  };
  yield* each(graph.awaits, note);
  for (const elements of graph.elements.values()) {
    if (elements.length > PACE) yield* each(elements, note);
    else elements.forEach(note);
  }
  return open;
}

/** `util.promisify(child_process.exec)` puts the child on the promise. */
function linkChildren(open: Map<string, PromiseRecord[]>): void {
  for (const promise of [...open.values()].flat()) {
    const object = promiseOf(promise);
    const child = object && plain(own(object, 'child'));
    if (child === undefined || !isProcess(child)) continue;
    const from = weak(child);
    promise.note().source = callWait(() => processFacts(from()));
  }
}

/** Ties what listeners will settle; certain when only one promise is awaited on that chain of lines. Some 10 us for each resolver, nothing without open promises. */
export function* linkListeners(graph: AwaitGraph): Steps<void> {
  const open = yield* openPromises(graph);
  if (open.size === 0) return;
  linkChildren(open);
  yield* linkSubclasses(graph, open);
  yield* linkSyncIterators(graph, open);
  const found = yield* findResolvers();
  if (found.size === 0) return;
  const byChain = new Map<string, Resolver[]>();
  const chains = awaitersOfResolvers([...found.keys()], CHAIN_DEPTH);
  [...found.values()].forEach((resolver, i) => {
    const key = (chains?.[i] ?? []).map(siteOf).join();
    if (key === '') return;
    const equal = byChain.get(key);
    if (equal === undefined) byChain.set(key, [resolver]);
    else equal.push(resolver);
  });
  for (const [key, all] of open) {
    const promises = all.filter(isOpen);
    const equal = byChain.get(key) ?? [];
    const isOnly = promises.length === 1 && equal.length === 1;
    promises.forEach((promise, i) => {
      const resolver = equal[i];
      if (resolver !== undefined) promise.note().source = new ListenerWait(resolver, isOnly ? 'exact' : 'inferred');
    });
  }
}

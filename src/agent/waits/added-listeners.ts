/** Notices the emitters that get listeners while a promise is being made, as in `new Promise((resolve) => bus.once('open', () => resolve()))`: no handle leads to those of the program's own classes. */
import { EventEmitter } from 'node:events';
import type { WaitFacts } from '../../protocol/agent.ts';
import { bracketCalls } from '../stacks/bracket.ts';
import { newBudget, newTimeBudget } from '../budget.ts';
import { guarded } from '../faults.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { WaitSource } from '../promises/promise-record.ts';
import { coarseNow, currentLeaf, hasLeaf } from '../promises/promises.ts';
import { captureCallSites, isPromiseConstructor, type CallSite } from '../stacks/stack.ts';
import { weak } from './call-wait.ts';
import { noteEmitter } from './emitters.ts';
import { eventFacts, eventName, eventNames, isInOnce } from './events.ts';
import { canObserve } from './observe.ts';
import { className, plain } from './objects.ts';
import { expectsOwner, findOwner } from './signal-owners.ts';

/** To see a call whole takes 1 us, to look for the executor on its stack some 10 us. */
const calls = newBudget(2000, 500);
const stacks = newTimeBudget(0.003, 5);
const STACK_DEPTH = 12;

/** A listener added in an executor: it most likely settles the promise when it is called. */
class AddedListener implements WaitSource {
  readonly fromPromiseFunction = false;
  /** A timer or handle made in the same executor says more. */
  readonly isStep = true;
  readonly isGuess = true;
  readonly #emitter: () => unknown;
  readonly #class: string | undefined;
  readonly #events: string[] = [];

  constructor(emitter: object) {
    this.#emitter = weak(emitter);
    this.#class = className(emitter);
  }

  isOf(emitter: object): boolean {
    return this.#emitter() === emitter;
  }

  add(event: string): void {
    if (!this.#events.includes(event)) this.#events.push(event);
  }

  isOver(): boolean {
    return this.#emitter() === undefined;
  }

  describe(graph?: AwaitGraph): { facts: WaitFacts; confidence: 'inferred' } | undefined {
    const facts = guarded(
      'listener',
      () => eventFacts(this.#emitter(), eventNames(this.#events), undefined, this.#class, graph),
      undefined,
    );
    return facts && { facts, confidence: 'inferred' };
  }
}

const LISTENING = ['node:events', 'node:internal/event_target'];

/** Node's own part of adding a listener: setters of properties such as `onmessage`, and what a readable stream has in place of `on` (Node 20 to 26), among it. */
function isOfListening(site: CallSite): boolean {
  const file = site.getFileName() ?? '';
  const name = site.getFunctionName();
  if (file === 'node:internal/streams/readable') return name === 'Readable.on' || name === 'on';
  return LISTENING.includes(file) || name?.startsWith('set on') === true;
}

/** Whether the program itself adds a listener in the executor of a promise. */
function isInExecutor(): boolean {
  if (!stacks.take(coarseNow())) return false;
  const start = performance.now();
  const sites = captureCallSites(STACK_DEPTH);
  stacks.spent(performance.now() - start);
  const caller = sites.find((site) => !isOfListening(site))?.getFileName();
  return caller?.startsWith('node:') === false && sites.some(isPromiseConstructor);
}

function added(receiver: unknown, event: unknown): void {
  if (expectsOwner()) findOwner(receiver);
  if (isInOnce || !hasLeaf()) return;
  const emitter = plain(receiver);
  if (emitter === undefined || eventName(event) === undefined) return;
  noteEmitter(emitter);
  tie(emitter, event);
}

function tie(emitter: object, event: unknown): void {
  const name = eventName(event);
  const leaf = currentLeaf();
  if (name === undefined || leaf === null) return;
  const { source } = leaf;
  if (source instanceof AddedListener) {
    if (source.isOf(emitter)) source.add(name);
  } else if (source === null && isInExecutor()) {
    const wait = new AddedListener(emitter);
    wait.add(name);
    leaf.note().source = wait;
  }
}

/** To be called when an `EventTarget` has got a listener. */
export function addedToTarget(target: unknown, event: unknown): void {
  const object = isInOnce || !hasLeaf() ? undefined : plain(target);
  if (object !== undefined && calls.take(coarseNow())) tie(object, event);
}

/** Starts noticing; 10 ns for a call of `on` where no promise is being made. `once` ends there, too. */
export function watchAddedListeners(): void {
  const prototype = EventEmitter.prototype as { on: (...args: never[]) => unknown };
  const { on } = prototype;
  if (typeof on !== 'function' || !canObserve()) return;
  const standIn = bracketCalls(on, {
    isWanted: () => expectsOwner() || (!isInOnce && hasLeaf() && calls.take(coarseNow())),
    begin: (receiver, [event]) => guarded('listener', () => added(receiver, event), undefined),
    end: (result) => result,
  });
  for (const key of ['on', 'addListener']) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    if (descriptor?.value === on) Object.defineProperty(prototype, key, { ...descriptor, value: standIn });
  }
}

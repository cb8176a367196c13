/** Tells which value `Array.fromAsync` (Node 22 and later) waits for: V8 makes no await there, so neither a hook nor its walker leads on from one. */
import { types } from 'node:util';
import { guarded } from '../faults.ts';
import { seen } from '../promises/promise-list.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { PromiseStamp } from '../promises/stamp.ts';
import { bracketCalls } from '../stacks/bracket.ts';
import { settles, weak } from './call-wait.ts';
import { own, plain } from './objects.ts';
import { canObserve, observed } from './observe.ts';

type Callable = (...args: never[]) => unknown;

/** The record of a promise that still is pending. */
export function pendingRecord(value: unknown): PromiseRecord | undefined {
  if (!types.isPromise(value)) return undefined;
  const record = PromiseStamp.get(value);
  return record?.isPending === true ? seen(record) : undefined;
}

/** A wait for whatever promise came last; `latest` must hold nothing. */
export function followsLatest(latest: () => PromiseRecord | undefined): WaitSource {
  return {
    fromPromiseFunction: false,
    isStep: false,
    isOfLoop: true,
    isOver: () => false,
    describe: () => undefined,
    next: () => latest() ?? null,
  };
}

/** One call of it. */
class Walk {
  /** What the generator or the mapping function has given last. */
  latest: PromiseRecord | undefined;
  readonly #items: () => unknown;

  constructor(items: unknown) {
    // `Array.isArray` throws when a proxy was revoked.
    const object = plain(items);
    this.#items = weak(Array.isArray(object) ? object : undefined);
  }

  note(result: unknown): void {
    this.latest = pendingRecord(result) ?? this.latest;
  }

  /** The values of an array are awaited one after the other. */
  pending(): PromiseRecord | undefined {
    if (this.latest?.isPending === true) return this.latest;
    const items = plain(this.#items());
    const length = own(items, 'length');
    if (typeof length !== 'number') return undefined;
    for (let i = 0; i < Math.min(length, MAX_ITEMS); i++) {
      const record = pendingRecord(own(items, i));
      if (record !== undefined) return record;
    }
    return undefined;
  }
}

const MAX_ITEMS = 10_000;

const generators = Object.getPrototypeOf(
  async function* nothing() {
    /* Only its prototype is of interest. */
  }.prototype,
) as object;
const iterate = Symbol.asyncIterator;
const methods = Object.getOwnPropertyDescriptors(generators) as unknown as Record<string, { value: Callable }>;
/** Gives what it is called on, which is all that it needs to do for a stand-in. */
const iterator: unknown = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(generators), iterate)?.value;

/** The program may put its own in the place of the language's later. */
const { apply } = Reflect;
const { bind } = Function.prototype;

/** Whether what all generators have is still the language's. */
const areUnchanged = (): boolean =>
  METHODS.every((key) => own(generators, key) === methods[key]?.value) &&
  own(Object.getPrototypeOf(generators), iterate) === iterator &&
  !Object.hasOwn(generators, iterate);

const METHODS = ['next', 'return', 'throw'];

/** A generator with nothing of its own in the place of what all have. */
function isUnchanged(value: unknown): value is object {
  if (!types.isGeneratorObject(value) || types.isProxy(value) || Reflect.ownKeys(value).length > 0) return false;
  const kind = plain(Object.getPrototypeOf(value));
  if (kind === undefined || Reflect.ownKeys(kind).length > 0) return false;
  return Object.getPrototypeOf(kind) === generators && areUnchanged();
}

/** Gives what the generator gives and tells `walk` of it. All of its methods are native: none shows on a stack. */
function standInFor(generator: object, walk: Walk): object {
  const bound = (key: string): Callable => apply(bind, methods[key]?.value as Callable, [generator]) as Callable;
  return {
    next: observed(bound('next'), { returned: ({ result }) => walk.note(result) }),
    return: bound('return'),
    throw: bound('throw'),
    [iterate]: iterator,
  };
}

function begin(args: unknown[]): Walk {
  const walk = new Walk(args[0]);
  if (isUnchanged(args[0])) args[0] = standInFor(args[0], walk);
  if (typeof args[1] === 'function') args[1] = observed(args[1], { returned: ({ result }) => walk.note(result) }, true);
  return walk;
}

/** Starts telling; call before the program's own code runs. */
export function watchFromAsync(): void {
  const descriptor = Object.getOwnPropertyDescriptor(Array, 'fromAsync');
  if (typeof descriptor?.value !== 'function' || !canObserve()) return;
  const value = bracketCalls(descriptor.value as Callable, {
    begin: (_, args) => guarded('fromAsync', () => begin(args), undefined),
    end(result, walk) {
      if (walk === undefined) return result;
      const source = followsLatest(() => walk.pending());
      guarded('fromAsync', () => settles(result, source), undefined);
      return result;
    },
  });
  Object.defineProperty(Array, 'fromAsync', { ...descriptor, value });
}

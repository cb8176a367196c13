/** Tells which resource `AsyncDisposableStack` (Node 26 and later) is letting go of: V8 makes no await there that a hook could see. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import { guarded } from '../faults.ts';
import { settles } from './call-wait.ts';
import { followsLatest, pendingRecord } from './from-async.ts';
import { bracketCalls } from '../stacks/bracket.ts';
import { own, plain } from './objects.ts';
import { canObserve, observed, observe, type Call } from './observe.ts';

type Callable = (...args: never[]) => unknown;

/** What the function of a stack called last has given; a stack that its resources were moved to goes on with it. */
interface Latest {
  record: PromiseRecord | undefined;
}

const byStack = new WeakMap<object, Latest>();

function latestOf(stack: object): Latest {
  let latest = byStack.get(stack);
  if (latest === undefined) byStack.set(stack, (latest = { record: undefined }));
  return latest;
}

/** `adopt` and `defer` are given a function; what `use` is given is asked for one right then. */
const AT: readonly (readonly [name: string, index: number])[] = [
  ['defer', 0],
  ['adopt', 1],
];

/** Node 24 takes no proxy for a method that disposes: `await using` would fail with one. */
function mayStandIn(): boolean {
  const { DisposableStack } = globalThis as { DisposableStack?: new () => { use(resource: object): void } };
  const { dispose } = Symbol as { dispose?: symbol };
  if (DisposableStack === undefined || dispose === undefined) return false;
  try {
    new DisposableStack().use({ [dispose]: new Proxy(() => undefined, {}) });
    return true;
  } catch {
    return false;
  }
}

/** Starts telling; call before the program's own code runs. */
export function watchDisposing(): void {
  const { AsyncDisposableStack } = globalThis as { AsyncDisposableStack?: { prototype: object } };
  if (AsyncDisposableStack === undefined || !canObserve() || !mayStandIn()) return;
  const { prototype } = AsyncDisposableStack;
  for (const [name, index] of AT) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    if (typeof descriptor?.value !== 'function') continue;
    const value = bracketCalls(descriptor.value as Callable, {
      begin: (self, args) => guarded('dispose', () => begin(self, args, index), undefined),
      end: (result) => result,
    });
    Object.defineProperty(prototype, name, { ...descriptor, value });
  }
  observe(prototype, 'move', { returned: ({ self, result }) => move(plain(self), plain(result)) }, true);
  watchDispose(prototype);
}

function begin(self: unknown, args: unknown[], index: number): void {
  const stack = plain(self);
  if (stack !== undefined && typeof args[index] === 'function') args[index] = told(latestOf(stack), args[index]);
}

/** One stand-in for both keys, which have the same function. */
function watchDispose(prototype: object): void {
  const original = own(prototype, 'disposeAsync');
  const observer = { returned: ({ self, result }: Call): void => follow(plain(self), result) };
  const standIn = observed(original, observer, true);
  const { asyncDispose } = Symbol as { asyncDispose?: symbol };
  for (const key of ['disposeAsync', asyncDispose]) {
    const descriptor = key === undefined ? undefined : Object.getOwnPropertyDescriptor(prototype, key);
    if (key === undefined || descriptor?.configurable !== true || descriptor.value !== original) continue;
    Object.defineProperty(prototype, key, { ...descriptor, value: standIn });
  }
}

/** The stack holds the function. */
function told(latest: Latest, disposer: unknown): unknown {
  const returned = ({ result }: Call): void => {
    latest.record = pendingRecord(result) ?? latest.record;
  };
  return observed(disposer, { returned }, true);
}

function move(from: object | undefined, to: object | undefined): void {
  if (from !== undefined && to !== undefined) byStack.set(to, latestOf(from));
}

function follow(stack: object | undefined, result: unknown): void {
  if (stack === undefined) return;
  const latest = latestOf(stack);
  settles(
    result,
    followsLatest(() => (latest.record?.isPending === true ? latest.record : undefined)),
  );
}

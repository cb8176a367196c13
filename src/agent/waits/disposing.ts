/** Tells which resource `AsyncDisposableStack` (Node 24 and later) is letting go of: V8 makes no await there that a hook could see. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import { settles } from './call-wait.ts';
import { followsLatest, pendingRecord } from './from-async.ts';
import { bracketCalls } from '../stacks/bracket.ts';
import { plain } from './objects.ts';
import { canObserve, observed, observe } from './observe.ts';

type Callable = (...args: never[]) => unknown;

/** By stack, what the function called last has given. */
const latest = new WeakMap<object, PromiseRecord>();

/** `adopt` and `defer` are given a function; what `use` is given is asked for one right then. */
const AT: readonly (readonly [name: string, index: number])[] = [
  ['defer', 0],
  ['adopt', 1],
];

/** Starts telling; call before the program's own code runs. */
export function watchDisposing(): void {
  const { AsyncDisposableStack } = globalThis as { AsyncDisposableStack?: { prototype: object } };
  if (AsyncDisposableStack === undefined || !canObserve()) return;
  const { prototype } = AsyncDisposableStack;
  for (const [name, index] of AT) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    if (typeof descriptor?.value !== 'function') continue;
    const value = bracketCalls(descriptor.value as Callable, {
      begin(self, args) {
        const stack = plain(self);
        if (stack !== undefined && typeof args[index] === 'function') args[index] = told(stack, args[index]);
      },
      end: (result) => result,
    });
    Object.defineProperty(prototype, name, { ...descriptor, value });
  }
  observe(prototype, 'disposeAsync', { returned: ({ self, result }) => dispose(plain(self), result) }, true);
}

/** The stack holds the function: it is held weakly by it. */
function told(stack: object, disposer: unknown): unknown {
  const holder = new WeakRef(stack);
  return observed(
    disposer,
    {
      returned({ result }) {
        const record = pendingRecord(result);
        const owner = holder.deref();
        if (record !== undefined && owner !== undefined) latest.set(owner, record);
      },
    },
    true,
  );
}

function dispose(stack: object | undefined, result: unknown): void {
  if (stack === undefined) return;
  const holder = new WeakRef(stack);
  settles(
    result,
    followsLatest(() => {
      const owner = holder.deref();
      const record = owner && latest.get(owner);
      return record?.isPending === true ? record : undefined;
    }),
  );
}

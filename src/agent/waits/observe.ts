/** Sees arguments and results of Node's functions at each call, without a frame on the program's stack. */
import { bracketCalls, bracketWorks } from '../stacks/bracket.ts';
import { reportFault } from '../faults.ts';

type Callable = (...args: never[]) => unknown;

/** One call that has returned. */
export interface Call {
  self: unknown;
  args: readonly unknown[];
  result: unknown;
}

/** What to do at a call; what it throws is reported as a fault. */
export interface Observer {
  /** Without a yes the call passes unseen, at a tenth of the price. Must not throw. */
  isWanted?(): boolean;
  /** Before the function runs. */
  called?(self: unknown, args: readonly unknown[]): void;
  /** After it has returned; not when it throws. */
  returned?(call: Call): void;
}

let works: boolean | undefined;

/** Whether calls can be seen at all in this runtime. */
export function canObserve(): boolean {
  return (works ??= bracketWorks());
}

/** A stand-in for `original`, itself when that is no function; 0.4 us a call. */
export function observed<T>(original: T, { isWanted, called, returned }: Observer, isMethod = false): T {
  if (typeof original !== 'function' || !canObserve()) return original;
  const hooks = { begin: beginner(called, returned), end: ender(returned) };
  const wanted = isWanted === undefined ? hooks : { ...hooks, isWanted };
  return bracketCalls(original as unknown as Callable, wanted, isMethod) as unknown as T;
}

type Begin = (self: unknown, args: readonly unknown[]) => Call | undefined;

function beginner(called: Observer['called'], returned: Observer['returned']): Begin {
  const call = (self: unknown, args: readonly unknown[]): Call => ({ self, args, result: undefined });
  if (called === undefined) return call;
  return (self, args) => {
    try {
      called(self, args);
    } catch (error) {
      reportFault('call', error);
    }
    return returned === undefined ? undefined : call(self, args);
  };
}

function ender(returned: Observer['returned']): (result: unknown, call: Call | undefined) => unknown {
  if (returned === undefined) return (result) => result;
  return (result, call) => {
    if (call === undefined) return result;
    call.result = result;
    try {
      returned(call);
    } catch (error) {
      reportFault('call', error);
    }
    return result;
  };
}

/** As {@link observe}, of a getter of a prototype: told each time somebody has looked. */
export function observeGetter(prototype: object, key: PropertyKey, observer: Observer): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
  if (descriptor?.get === undefined || !descriptor.configurable) return;
  Object.defineProperty(prototype, key, { ...descriptor, get: observed(descriptor.get, observer, true) });
}

/** Puts a stand-in in the place of `owner[key]`, when that is a function of its own and replaceable. `isMethod`: the function uses `this`. */
export function observe(owner: object, key: PropertyKey, observer: Observer, isMethod = false): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  if (descriptor?.configurable !== true || typeof descriptor.value !== 'function') return;
  Object.defineProperty(owner, key, {
    ...descriptor,
    value: observed(descriptor.value as Callable, observer, isMethod),
  });
}

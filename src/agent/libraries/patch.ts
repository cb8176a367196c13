/** Puts hooks of ours around a method of a package, unseen by the program; a failure of ours never reaches it. */
import { bracketCalls, type CallHooks } from '../stacks/bracket.ts';
import { guarded } from '../faults.ts';
import { seen } from '../promises/promise-list.ts';
import { PromiseStamp } from '../promises/stamp.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { field } from './fields.ts';

type Method = (...args: never[]) => unknown;

/** What to run around a call; without `end` only the beginning counts. */
export interface MethodHooks<C> {
  begin(receiver: object, args: unknown[]): C;
  /** A value other than undefined replaces the result. */
  end?(result: unknown, context: C, receiver: object): unknown;
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** The function with the hooks around it. `name` is for our own faults. */
export function hooked<C>(original: Method, name: string, hooks: MethodHooks<C>): Method {
  interface Call {
    receiver: object;
    context: C;
  }
  const around: CallHooks<Call | undefined> = {
    begin(receiver, args) {
      const self = isObject(receiver) ? receiver : original;
      return guarded(name, () => ({ receiver: self, context: hooks.begin(self, args) }), undefined);
    },
    end(result, call) {
      if (call === undefined || hooks.end === undefined) return result;
      return guarded(name, () => hooks.end?.(result, call.context, call.receiver), undefined) ?? result;
    },
  };
  return bracketCalls(original, around);
}

/** As {@link hooked} for the beginning alone, at a tenth of the price: reading the trap of a proxy runs `begin` (see intercept.ts). */
export function announced(original: Method, begin: () => void): Method {
  const handler = {
    get apply() {
      guarded('job', begin, undefined);
      return undefined;
    },
  };
  return new Proxy(original, handler as object);
}

/**
 * A method without a name of its own is named in stacks after the property that V8 finds it in (CallSiteInfo::GetMethodName), and the stand-in would hide it.
 * An object behind the prototype, where nobody looks, has it under the same key.
 */
function keepName(prototype: object, key: string | symbol, original: Method, enumerable: boolean): void {
  // Newer versions of V8 look only at enumerable properties.
  Object.defineProperty(behindOf(prototype), key, { value: original, enumerable });
}

/** The object behind a prototype, of which a program knows nothing. */
export function behindOf(prototype: object): object {
  let behind = hidden.get(prototype);
  if (behind === undefined) {
    behind = Object.create(Object.getPrototypeOf(prototype) as object | null) as object;
    hidden.set(prototype, behind);
    Object.setPrototypeOf(prototype, behind);
  }
  return behind;
}

const hidden = new WeakMap<object, object>();

/** Replaces a method of a prototype; its name, length, text, flags and the stacks beneath it stay. */
export function patch<C>(prototype: object, key: string | symbol, hooks: MethodHooks<C>): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
  const original: unknown = field(prototype, key);
  if (typeof original !== 'function' || descriptor?.configurable !== true) return;
  Object.defineProperty(prototype, key, { ...descriptor, value: hooked(original as Method, String(key), hooks) });
  // Not of an object of a package's making, whose prototype is looked at.
  if (original.name === '' && Object.hasOwn(prototype, 'constructor')) {
    keepName(prototype, key, original as Method, descriptor.enumerable === true);
  }
}

/** The record of a promise that a method returned; one that has settled already has a record that only says so. */
export function recordOf(result: unknown): PromiseRecord | null {
  return seen(typeof result === 'object' && result !== null ? (PromiseStamp.get(result) ?? null) : null);
}

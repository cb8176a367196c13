/** Reads the classes of `fetch`, of whose objects only the getters of their own prototypes tell anything. */
import { own, plain, readNode } from './objects.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

const { getOwnPropertyDescriptor } = Object;
const { isPrototypeOf } = Object.prototype;

type Name = 'Request' | 'Response';

/** Node 20 has getters that load undici; since Node 22 only looking at the property loads it, which takes 20 ms. */
const isOld = Number.parseInt(process.versions.node, 10) < 22;
const lazy: Record<Name, unknown> = {
  Request: isOld ? getOwnPropertyDescriptor(globalThis, 'Request')?.get : undefined,
  Response: isOld ? getOwnPropertyDescriptor(globalThis, 'Response')?.get : undefined,
};
const { moduleLoadList } = process as unknown as { moduleLoadList?: readonly string[] };

/** Whether undici is there. */
export const isLoaded = (): boolean => moduleLoadList?.includes('NativeModule internal/deps/undici/undici') === true;

/** The prototype of a class of undici's; undefined before that is loaded. */
export function fetchPrototype(name: Name): object | undefined {
  if (!isLoaded()) return undefined;
  const current = getOwnPropertyDescriptor(globalThis, name);
  // The program may have put a getter of its own there.
  if (current === undefined || (current.get !== undefined && current.get !== lazy[name])) return undefined;
  return plain(own(plain(Reflect.get(globalThis, name)), 'prototype'));
}

/** What a `Request` says about itself; undefined for anything else. */
export function requestFacts(value: unknown): { url?: string; method?: string; signal?: unknown } | undefined {
  const object = plain(value);
  const prototype = object === undefined || typeof value === 'function' ? undefined : fetchPrototype('Request');
  if (object === undefined || prototype === undefined || !apply(isPrototypeOf, prototype, [object])) return undefined;
  const [url, method] = [readNode(prototype, 'url', object), readNode(prototype, 'method', object)];
  return {
    ...(typeof url === 'string' ? { url } : {}),
    ...(typeof method === 'string' ? { method } : {}),
    signal: readNode(prototype, 'signal', object),
  };
}

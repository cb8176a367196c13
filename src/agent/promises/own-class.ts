/** Tells promises of classes that the program derives from Promise: no async function returns one, and V8 tells no parent of what their `then` makes. */
import { types } from 'node:util';

const MAX_CLASSES = 20;

/** Runs no code of the program; false for a promise of another context's `Promise`. */
export function isOfOwnClass(promise: object): boolean {
  let prototype: unknown = Object.getPrototypeOf(promise);
  if (prototype === Promise.prototype) return false;
  for (let i = 0; i < MAX_CLASSES; i++) {
    if (prototype === Promise.prototype) return true;
    if (typeof prototype !== 'object' || prototype === null || types.isProxy(prototype)) return false;
    prototype = Object.getPrototypeOf(prototype);
  }
  return false;
}

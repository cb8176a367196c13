/** Runs code of ours when a function is called, without a frame on the program's stack: error stacks stay as they are. */

/**
 * Replaces `owner[key]` by a proxy whose handler has a getter for the `apply` trap. The engine reads the trap at each call (ECMAScript, [[Call]] of a
 * proxy), which runs `begin`, finds none, and calls the original itself. Arguments and result stay unseen. `name`, `length`, own properties and
 * `toString()` are the original's. `begin` must not throw.
 */
export function intercept<T extends object, K extends keyof T>(owner: T, key: K, begin: () => void): void {
  const original = owner[key];
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  if (
    typeof original !== 'function' ||
    descriptor === undefined ||
    !('value' in descriptor) ||
    !descriptor.configurable
  )
    return;
  const source = Function.prototype.toString.call(original);
  const toString = { toString: () => source }.toString;
  const handler: ProxyHandler<T[K] & object> = {
    get: (target, property, receiver) =>
      property === 'toString' && !Object.hasOwn(target, 'toString')
        ? toString
        : (Reflect.get(target, property, receiver) as unknown),
  };
  Object.defineProperty(handler, 'apply', {
    get: () => {
      begin();
      return undefined;
    },
  });
  Object.defineProperty(owner, key, { ...descriptor, value: new Proxy(original, handler) });
}

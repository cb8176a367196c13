/** Keeps the names in error stacks: V8 looks for the running function among the properties of its `this`, and finds our stand-in there instead. */
import { types } from 'node:util';

function lookAlike(receiver: object, standIn: object, original: { name: string }): object {
  if (types.isProxy(receiver) || types.isModuleNamespaceObject(receiver)) return receiver;
  if (Object.getOwnPropertyDescriptor(receiver, original.name)?.value === standIn) return receiver;
  const properties: PropertyDescriptorMap = {};
  for (const key of Object.keys(receiver)) {
    if (Object.getOwnPropertyDescriptor(receiver, key)?.value === standIn) {
      properties[key] = { value: original, enumerable: true };
    }
  }
  if (Object.keys(properties).length === 0) return receiver;
  return Object.create(Object.getPrototypeOf(receiver) as object | null, properties) as object;
}

/** Tells what to pass as `this` instead of the program's value. */
export type ReceiverFor = (receiver: unknown) => unknown;

/**
 * What to pass as `this` to `original` so that V8 prints `Type.name [as key]` as it would without `standIn`. Where the key is the function's own name, V8
 * prints the same either way, and in the namespace of an ES module it does not look; the receiver itself is answered then. Otherwise a look-alike with the
 * original under that key: only for functions that do not use `this`. The answer is kept for each receiver: to search its properties takes 20 us.
 */
export function receiverFor(standIn: object, original: { name: string }): ReceiverFor {
  let known: WeakMap<object, object> | undefined;
  return (receiver) => {
    if (typeof receiver !== 'object' || receiver === null) return receiver;
    let answer = (known ??= new WeakMap()).get(receiver);
    if (answer === undefined) {
      answer = lookAlike(receiver, standIn, original);
      known.set(receiver, answer);
    }
    return answer;
  };
}

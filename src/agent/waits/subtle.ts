/** Tells waits for `crypto.subtle`: which operation, with which algorithm. */
import type { WaitFacts } from '../../protocol/waits.ts';
import { whenLoaded } from '../resources/when-loaded.ts';
import { callWait, settles } from './call-wait.ts';
import { own, plain } from './objects.ts';
import { observe } from './observe.ts';

/** Operations by the index of the argument that says with which algorithm; none for those whose key says it. */
const OPERATIONS: Readonly<Record<string, number | undefined>> = {
  encrypt: 0,
  decrypt: 0,
  sign: 0,
  verify: 0,
  digest: 0,
  generateKey: 0,
  deriveKey: 0,
  deriveBits: 0,
  importKey: 2,
  exportKey: undefined,
  wrapKey: 3,
  unwrapKey: 3,
  encapsulateBits: 0,
  encapsulateKey: 0,
  decapsulateBits: 0,
  decapsulateKey: 0,
};

const MAX_NAME = 40;

/** `'SHA-256'` or `{ name: 'SHA-256' }`. */
function algorithmOf(value: unknown): string | undefined {
  const name = typeof value === 'string' ? value : own(value, 'name');
  return typeof name === 'string' ? name.slice(0, MAX_NAME) : undefined;
}

let watched = false;

function watch({ webcrypto }: { webcrypto?: { subtle: object } }): void {
  const prototype = webcrypto && plain(Object.getPrototypeOf(webcrypto.subtle));
  if (watched || prototype === undefined) return;
  watched = true;
  for (const [operation, index] of Object.entries(OPERATIONS)) {
    const returned = ({ args, result }: { args: readonly unknown[]; result: unknown }): void => {
      const algorithm = index === undefined ? undefined : algorithmOf(args[index]);
      const facts: WaitFacts = {
        kind: 'thread-pool',
        api: `crypto.subtle.${operation}`,
        ...(algorithm === undefined ? {} : { algorithm }),
      };
      settles(
        result,
        callWait(() => facts),
      );
    };
    observe(prototype, operation, { returned }, true);
  }
}

/** Starts telling; call before the program's own code runs. Whoever loads the inner module has most of `node:crypto` already: the rest takes 1 ms. */
export function watchSubtle(): void {
  const exported = (): { webcrypto?: { subtle: object } } =>
    require('node:crypto') as { webcrypto?: { subtle: object } };
  whenLoaded('internal/crypto/webcrypto', watch, exported, false);
}

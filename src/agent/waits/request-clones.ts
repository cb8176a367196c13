/** Follows the signals of cloned requests: a clone has one of its own, which Node ties to that of the first by no call that can be seen. */
import { fetchPrototype, requestFacts } from './fetch-classes.ts';
import { observe } from './observe.ts';

let watches = false;

/** From now on `handler` hears of the signal of each `Request` that is cloned, and of that of its clone. Without effect before undici is loaded. */
export function watchClones(handler: (from: unknown, to: unknown) => void): void {
  const prototype = watches ? undefined : fetchPrototype('Request');
  if (prototype === undefined) return;
  watches = true;
  const returned = ({ self, result }: { self: unknown; result: unknown }): void =>
    handler(requestFacts(self)?.signal, requestFacts(result)?.signal);
  observe(prototype, 'clone', { returned }, true);
}

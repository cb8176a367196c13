/** Tells what the async generators and iterators that Node's functions return wait for, each time the program asks one for its next value. */
import type { WaitSource } from '../promises/promise-record.ts';
import { settles } from './call-wait.ts';
import { observe, observed, type Call } from './observe.ts';
import { plain } from './objects.ts';

/** Told of the calls of `next`. */
export interface GeneratorWatch {
  called?(): void;
  /** What the promise waits for that the call returned. */
  returned(): WaitSource | undefined;
}

const { next } = Object.getPrototypeOf(
  async function* nothing() {
    /* Only its prototype is of interest. */
  }.prototype,
) as { next: unknown };

/** By generator. */
const watched = new WeakMap<object, GeneratorWatch>();
let standIn: unknown;

function observedNext(): unknown {
  return (standIn ??= observed(
    next,
    {
      called: (self) => watched.get(self as object)?.called?.(),
      returned({ self, result }) {
        const source = watched.get(self as object)?.returned();
        if (source !== undefined) settles(result, source);
      },
    },
    true,
  ));
}

/** A generator gets a `next` of its own, not enumerable, that also tells what it waits for; other iterators (Node 26) have one. */
export function watchGenerator(generator: unknown, watch: GeneratorWatch): void {
  const object = plain(generator);
  if (object === undefined || !Object.isExtensible(object)) return;
  if (Object.hasOwn(object, 'next')) {
    const returned = ({ result }: Call): void => {
      const source = watch.returned();
      if (source !== undefined) settles(result, source);
    };
    observe(object, 'next', { called: () => watch.called?.(), returned }, true);
    return;
  }
  watched.set(object, watch);
  Object.defineProperty(object, 'next', { value: observedNext(), writable: true, configurable: true });
}

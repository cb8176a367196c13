/** Tells waits for files: which operation on which path, from the arguments of the functions of `node:fs`. */
import { executionAsyncId } from 'node:async_hooks';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WaitFacts } from '../../protocol/agent.ts';
import { newBudget } from '../budget.ts';
import { coarseNow } from '../promises/clock.ts';
import { CallWait, settles, withAbort } from './call-wait.ts';
import { noteEmitter } from './emitters.ts';
import { watchGenerator } from './generators.ts';
import { observe } from './observe.ts';
import { plain } from './objects.ts';
import { whenLoaded } from '../resources/when-loaded.ts';
import { abortOf, signalOf } from './signals.ts';

type FileFacts = Extract<WaitFacts, { kind: 'fs' }>;

const MAX_PATH = 500;

/** A path as the program gave it; a URL as its path. */
function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.slice(0, MAX_PATH);
  if (value instanceof URL && plain(value) !== undefined) return fileURLToPath(value).slice(0, MAX_PATH);
  return undefined;
}

function fileFacts(operation: string, path: unknown): FileFacts {
  const at = pathOf(path);
  return { kind: 'fs', operation, ...(at === undefined ? {} : { path: at }) };
}

/** The call with a callback that runs now. A call that throws is never told to have returned: then the next one replaces it. */
let running: { facts: FileFacts; asyncId: number } | undefined;

/** The operation in whose call a request is being made. */
export function runningFileCall(): FileFacts | undefined {
  return running?.asyncId === executionAsyncId() ? running.facts : undefined;
}

function watchCallbacks(): void {
  for (const name of Object.keys(fs)) {
    const isAsync = Object.hasOwn(fs, `${name}Sync`) && name !== 'exists';
    if (!isAsync && name !== 'watch') continue;
    observe(fs, name, {
      called(_self, [path]) {
        running = { facts: fileFacts(name, path), asyncId: executionAsyncId() };
      },
      returned() {
        running = undefined;
      },
    });
  }
}

/** The signal among the arguments, if any. */
function signalAmong(args: readonly unknown[]): object | undefined {
  for (let i = 1; i < args.length; i++) {
    const signal = typeof args[i] === 'object' ? signalOf(args[i]) : undefined;
    if (signal !== undefined) return signal;
  }
  return undefined;
}

/** One call of a function of `fs.promises`. */
class FileWait extends CallWait {
  readonly #operation: string;
  readonly #path: string | undefined;
  readonly #signal: WeakRef<object> | undefined;

  constructor(operation: string, args: readonly unknown[]) {
    super();
    const signal = signalAmong(args);
    this.#operation = operation;
    this.#path = pathOf(args[0]);
    this.#signal = signal && new WeakRef(signal);
  }

  protected override tell(): WaitFacts {
    return withAbort(fileFacts(this.#operation, this.#path), abortOf(this.#signal?.deref()));
  }
}

/** To see a call whole takes 5 us between system calls: a program that makes more is told of most of them by the request alone, which says nothing of the path. */
const calls = newBudget(1000, 1000);
const isWanted = (): boolean => calls.take(coarseNow());

const ITERATING = ['watch', 'glob'];

function watchPromises(promises: typeof fs.promises): void {
  for (const name of Object.keys(promises)) {
    observe(promises, name, {
      isWanted,
      returned({ args, result }) {
        const wait = new FileWait(name, args);
        if (ITERATING.includes(name)) watchGenerator(result, { returned: () => wait });
        else settles(result, wait);
      },
    });
  }
}

/** Starts telling; call before the program's own code runs. */
export function watchFiles(): void {
  watchCallbacks();
  // Before anybody can have an export of `fs/promises`; to ask for all exports again would use `process.stdin`, which may be what is loading it.
  whenLoaded('internal/fs/promises', watchPromises, () => fs.promises, false);
  for (const name of ['createReadStream', 'createWriteStream']) {
    observe(fs, name, { returned: ({ result }) => noteEmitter(result) });
  }
}

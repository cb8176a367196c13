/** DataLoader (2): a promise of `load` waits for the batch function that is called with its key. */
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { field, hasMethods, objectField, prototypeOf } from './fields.ts';
import { patch, recordOf } from './patch.ts';

/** By the list of its keys, what the batch function has returned. */
const batches = new WeakMap<object, PromiseRecord>();
const loaders = new WeakSet();

class BatchWait implements WaitSource {
  readonly fromPromiseFunction = false;
  readonly isStep = true;
  readonly #keys: WeakRef<object>;

  constructor(keys: object) {
    this.#keys = new WeakRef(keys);
  }

  isOver(): boolean {
    return false;
  }

  describe(): undefined {
    return undefined;
  }

  next(): PromiseRecord | null {
    const keys = this.#keys.deref();
    return (keys && batches.get(keys)) ?? null;
  }
}

/** The batch function is the loader's own, so each has to be hooked. */
function watchBatches(loader: object): void {
  if (loaders.has(loader)) return;
  loaders.add(loader);
  patch(loader, '_batchLoadFn', {
    begin: (_, [keys]) => (typeof keys === 'object' && keys !== null ? keys : undefined),
    end(result, keys) {
      const record = recordOf(result);
      if (keys !== undefined && record !== null) batches.set(keys, record);
    },
  });
}

/** Looks for the class among what the module exports. */
export function watchDataLoader(members: object): void {
  const prototype = prototypeOf(field(members, 'DataLoader'));
  if (!hasMethods(prototype, 'load', 'loadMany')) return;
  patch(prototype, 'load', {
    begin: watchBatches,
    end(result, _, loader) {
      const record = recordOf(result);
      const keys = objectField(field(loader, '_batch'), 'keys');
      if (record?.isPending === true && keys !== undefined) record.note().source = new BatchWait(keys);
    },
  });
}

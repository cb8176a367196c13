/** What is kept about a request or timer that was made with the promise it settles: the promise tells most about it. */
import { seen } from '../promises/promise-list.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { ResourceRecord } from './resource-record.ts';

/** Stands for a request itself, which tells nothing. */
const REQUEST = Object.freeze(Object.create(null) as object);

/** It is on its way as long as the promise is pending; where it was made is mostly where the promise is awaited. */
export class SettlingRecord extends ResourceRecord {
  readonly #leaf: PromiseRecord;

  /** `target`: the timer; null for a request. */
  constructor(id: number, type: string, leaf: PromiseRecord, atMs: number, asyncId: number, target: object | null) {
    super(id, type, target, atMs, asyncId);
    this.#leaf = seen(leaf);
    this.exact = true;
    this.fromPromiseFunction = target !== null;
  }

  override live(): object | undefined {
    if (!this.#leaf.isPending) return undefined;
    if (this.sites.length === 0) this.sites = awaitedAt(this.#leaf);
    return this.target === null ? REQUEST : super.live();
  }
}

const MAX_HOPS = 10;

/** Known once the await has been looked at. */
function awaitedAt(leaf: PromiseRecord): readonly number[] {
  let record = leaf;
  for (let hops = 0; record.first !== null && hops < MAX_HOPS; hops++) record = record.first;
  return record.chain ?? [];
}

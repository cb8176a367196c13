/** What is kept about a request that was made with the promise it settles: the promise tells all about it. */
import type { PromiseRecord } from './promise-record.ts';
import { seen } from './promise-list.ts';
import { ResourceRecord } from './resource-record.ts';

/** Stands for the request itself, which tells nothing. */
const REQUEST = Object.freeze(Object.create(null) as object);

/** It is on its way as long as the promise is pending; where it was made is where the promise is awaited. */
export class RequestRecord extends ResourceRecord {
  readonly #leaf: PromiseRecord;

  constructor(id: number, type: string, leaf: PromiseRecord, atMs: number, asyncId: number) {
    super(id, type, null, atMs, asyncId);
    this.#leaf = seen(leaf);
  }

  override live(): object | undefined {
    if (!this.#leaf.isPending) return undefined;
    if (this.sites.length === 0) this.sites = awaitedAt(this.#leaf);
    return REQUEST;
  }
}

/** Known once the await has been looked at. */
function awaitedAt(leaf: PromiseRecord): readonly number[] {
  let record = leaf;
  for (let hops = 0; record.first !== null && hops < MAX_HOPS; hops++) record = record.first;
  return record.chain ?? [];
}

const MAX_HOPS = 10;

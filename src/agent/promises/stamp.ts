/** Attaches a record to a promise or resource by a private field: invisible to the program, no map, freed with the object. */
import { SEEN } from './flags.ts';
import { PromiseRecord } from './promise-record.ts';
import type { ResourceRecord } from '../resources/resource-record.ts';

/**
 * A constructor that returns its argument lets a subclass install its private fields on any object (ECMAScript, class field initialisation). That of a class
 * without a parent would get an object of its own each time, to throw away.
 */
/* oxlint-disable constructor-super */
class Return extends Object {
  // @ts-expect-error TypeScript, too, asks for `super()`, which would make that object
  constructor(target: object) {
    return target;
  }
}
/* oxlint-enable constructor-super */

/*
 * Two classes on purpose, not one made twice by a function: V8 keeps one set of inline caches for all classes made at one place, and this runs for every
 * promise.
 */

/** Stands for the record of every settled promise. */
const SETTLED = new PromiseRecord();
SETTLED.flags = SEEN;

/** The record of a promise, once for each, on fresh promises only. */
export class PromiseStamp extends Return {
  #record: PromiseRecord;

  constructor(promise: object, record: PromiseRecord) {
    super(promise);
    this.#record = record;
  }

  static get(promise: object): PromiseRecord | undefined {
    return #record in promise ? promise.#record : undefined;
  }

  /** For a stamped promise that has settled: its record may soon be another's. */
  static clear(promise: object): void {
    (promise as PromiseStamp).#record = SETTLED;
  }

  /** For a stamped promise whose record was dropped. */
  static replace(promise: object, record: PromiseRecord): void {
    (promise as PromiseStamp).#record = record;
  }
}

/** The record of a timer, handle or request. `put` once for each. */
export class ResourceStamp extends Return {
  readonly #record: ResourceRecord;

  constructor(resource: object, record: ResourceRecord) {
    super(resource);
    this.#record = record;
  }

  static get(resource: object): ResourceRecord | undefined {
    return #record in resource ? resource.#record : undefined;
  }
}

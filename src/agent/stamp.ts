/** Attaches a record to a promise or resource by a private field: invisible to the program, no map, freed with the object. */

/** A constructor that returns its argument lets a subclass install its private fields on any object (ECMAScript, class field initialisation). */
const Return = class {
  constructor(target: object) {
    return target;
  }
};

/** One kind of stamp; an object carries at most one of each kind. */
export interface Stamp<T> {
  /** Throws when the object is stamped already or not extensible by private fields; callers stamp fresh objects only. */
  put(target: object, record: T): void;
  get(target: object): T | undefined;
}

/** A new kind of stamp. The class lives in here so that each kind has its own private field. */
export function newStamp<T>(): Stamp<T> {
  class Stamped extends Return {
    readonly #record: T;
    constructor(target: object, record: T) {
      super(target);
      this.#record = record;
    }
    static read(target: object): T | undefined {
      return #record in target ? target.#record : undefined;
    }
  }
  return {
    put: (target, record) => void new Stamped(target, record),
    get: (target) => Stamped.read(target),
  };
}

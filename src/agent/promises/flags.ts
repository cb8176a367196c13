/** Numbers of the promise hooks. In a file that has nothing else: only then the bundler puts them where they are used (esbuild), which makes the hooks 5 to 10 % faster. */

/** Of `PromiseRecord.flags`; above these bits is the number of waiters. */
export const PENDING = 1;
export const DERIVED = 2;
/** A job of this promise has run: a further one can only mean that it follows another promise. */
export const RAN = 4;
/** Made when an outer promise was resolved with a promise: it links, nobody waits at a line. */
export const LINK = 8;
/** `held` is the promise. */
export const HAS_PROMISE = 16;
/** Other files have seen the record: it is never used for another promise. */
export const SEEN = 32;
/** In the list of records that can be used again. */
export const FREE = 64;
/** Its promise was collected while pending. */
export const COLLECTED = 128;
/** Not in the list: the promise it derives from was collected. */
export const UNLISTED = 256;
/** The first promise that a job made, of those that are made by neither `await` nor `then`. */
export const FIRST = 512;
/** `more` are notes. */
export const NOTED = 1024;
export const WAITER = 2048;
/** 524,288 waiters: of more nothing is noted, for with twice as many the bits above would make the number negative. */
export const FULL = WAITER * 2 ** 19;

/** So many promises are made between two looks at the clock. */
export const PER_CLOCK = 512;
/** So many are made between two sweeps; a multiple of that. */
export const PER_SWEEP = 8192;

/** In place of a callback's id; a job has a segment of its own. */
export const IN_JOB = -1;

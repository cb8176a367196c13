/** The version of this program. */

declare const ASYNC_LENS_VERSION: string | undefined;

/** As in package.json; put in by the bundler, so not known when run from source. */
export const VERSION = typeof ASYNC_LENS_VERSION === 'string' ? ASYNC_LENS_VERSION : 'unbundled';

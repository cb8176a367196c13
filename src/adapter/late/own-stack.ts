/** JavaScript text that reads a stack in a program of which no function may run for it. */

/**
 * An expression: `body` has the call sites of `sites`, innermost first, of which two are its own. Text in V8's form instead where V8 is formatting another stack, or `Error` is frozen. The
 * program's own way to format stacks is put aside meanwhile. No regular expression: see `src/agent/stacks/within.ts`.
 */
export const withStack = (limit: number, body: string): string => `(() => {
  const own = (key) => Object.getOwnPropertyDescriptor(Error, key);
  const [count, format] = [own('stackTraceLimit'), own('prepareStackTrace')];
  const set = (key, value) => Reflect.defineProperty(Error, key, { value, configurable: true, writable: true });
  const restore = (key, was) => was === undefined ? Reflect.deleteProperty(Error, key) : Reflect.defineProperty(Error, key, was);
  try {
    set('stackTraceLimit', ${limit});
    set('prepareStackTrace', (_, sites) => sites);
    const sites = new Error().stack;
    ${body}
  } finally {
    restore('stackTraceLimit', count);
    restore('prepareStackTrace', format);
  }
})()`;

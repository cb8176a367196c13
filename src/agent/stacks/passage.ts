/** The way a bracketed call takes: natively through code of ours and on to the original, without a stack frame of ours in between. */
import { runInContext } from 'node:vm';
import { context as ownContext } from './stack.ts';

/** Any function. */
export type Callable = (...args: never[]) => unknown;

/*
 * A wrapper function would show up in the stack of every error thrown beneath it. What V8 runs natively does not: proxy traps, bound functions, `call`,
 * `Reflect.apply` and the functions of the WebAssembly API. So the call goes through these alone:
 *   1. A getter for the proxy's `apply` trap runs `begin` and names a native trap.
 *   2. The trap enters a context of ours, so that the array in which V8 collects the arguments has a prototype of ours, and passes that array to
 *      `WebAssembly.Table.prototype.get`, which converts it to a number.
 *   3. The conversion asks for `Symbol.toPrimitive`: a getter of ours notes what is to be called (`pass`) and answers `Reflect.apply(finish, undefined, list)`,
 *      where reading `list[0]` natively calls that.
 *   4. `finish` gets the result when the original has returned, puts it into the table, runs `end` and answers index 0: `get` returns the result.
 * 0.25 us a call on Node 20 to 26. `bracketWorks` checks at start that all of this holds in the running version.
 *
 * An evaluation of a debugger, and each of our own requests, can run where a function is entered and between two turns of a loop, and may make calls that
 * go the same way. So what a call needs travels with it in the array; what all calls share is written right before it is read, with nothing in between where
 * anything else could run.
 */
const { apply } = Reflect;
const { bind: nativeBind, call: nativeCall } = Function.prototype;
/** With the language's own functions: the program may put others in their place later. */
export const bind = <T extends Callable>(target: T, ...args: unknown[]): Callable =>
  apply(nativeBind, target, args) as Callable;

/** The part of the WebAssembly API used here; absent under `--jitless`. */
interface TableApi {
  Table: new (type: { element: 'externref'; initial: number }) => {
    get(index: number): unknown;
    set(index: number, value: unknown): void;
  };
}

interface OtherRealm {
  call: Callable;
  arrayPrototype: object;
}

/** An array in which what a program does to `Array.prototype` changes nothing. */
function bareArray(length: number): unknown[] {
  const array = Array.from({ length }, () => undefined);
  return Object.setPrototypeOf(array, null) as unknown[];
}

/** The call that is about to be made: a function, its receiver and its arguments, as `Reflect.apply` takes them. */
const passed = bareArray(3);

/** The last thing before the call is made. */
export function pass(original: Callable, receiver: unknown, args: readonly unknown[]): void {
  passed[0] = original;
  passed[1] = receiver;
  passed[2] = args;
}

/** Lets go of what was passed. */
export function dropPassed(): void {
  passed[0] = passed[1] = passed[2] = undefined;
}

/** To read this natively makes the call that was passed. */
const calling = { get: bind(apply as Callable, undefined, apply, undefined, passed) };
/** Lists for `Reflect.apply` whose first element is the result of that call. */
export const ONE = Object.defineProperty({ length: 1 }, 0, calling);
/** As {@link ONE}; whoever takes it for a prototype adds the second element. */
export const TWO = Object.defineProperty({ length: 2 }, 0, calling);

/** What knows how a function is called. */
export interface Entrance {
  /** A call has come: fills in what is passed to the original, and answers what calls it. */
  arrive(receiver: unknown, args: unknown[]): Callable;
}

/** What V8 has collected: the rest are the arguments of a proxy's trap. */
type Collected = [own: Entrance, target: Callable, receiver: unknown, args: unknown[]];

const isPlain = (result: unknown): boolean => result === undefined || result === true || result === false;

function build(): { trapOf: (own: Entrance) => Callable; put: (result: unknown) => void } {
  const realm = runInContext(
    '({ call: Function.prototype.call, arrayPrototype: Array.prototype })',
    ownContext,
  ) as OtherRealm;
  const table = new (globalThis as unknown as { WebAssembly: TableApi }).WebAssembly.Table({
    element: 'externref',
    initial: 1,
  });
  const lookUp = bind(nativeCall, bind(nativeCall, bind(table.get, table)));
  Object.defineProperty(realm.arrayPrototype, Symbol.toPrimitive, {
    get(this: Collected) {
      return this[0].arrive(this[2], this[3]);
    },
    configurable: true, // for another one that interrupts this
  });
  const entrance = new Proxy(function enter() {}, { apply: lookUp as never });
  let last: unknown;
  const put = (result: unknown): void => {
    // Half of all results are `true` or `undefined`, as of the call before. To compare strings would let in what interrupts: see above.
    if (!isPlain(result) || result !== last) table.set(0, (last = result));
  };
  table.set(0, undefined);
  return { trapOf: (own) => bind(realm.call, entrance, undefined, own), put };
}

let native: ReturnType<typeof build> | undefined;

/** Made at the first call. Whoever is first with it, where the making is interrupted. */
export function nativeNow(): ReturnType<typeof build> {
  if (native !== undefined) return native;
  const made = build();
  return (native ??= made);
}

/** Lets go of the last result, and of what was passed to a call that threw: they would be kept alive until the next call. Not while one may be on its way. */
export function forgetCalls(): void {
  dropPassed();
  native?.put(undefined);
}

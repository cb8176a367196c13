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
 *   3. The conversion asks for `Symbol.toPrimitive`: a getter of ours copies the arguments and answers `Reflect.apply(finish, undefined, list)`, where
 *      reading `list[0]` natively calls the original with the copied arguments.
 *   4. `finish` gets the result when the original has returned, puts it into the table, runs `end` and answers index 0: `get` returns the result.
 * 0.25 us a call on Node 20 to 26. `bracketWorks` checks at start that all of this holds in the running version.
 *
 * An evaluation of a debugger, and each of our own requests, can run between any two calls and turns of a loop of this, and may make calls that go
 * the same way. So what a call needs travels with it in the array, and of what all calls share the copied arguments are filled in last, again if others
 * were filled in meanwhile ({@link fills}); the result is put in when nothing can run any more before it is read.
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

/** Receiver and arguments of the call that is about to be made. */
export const copied: unknown[] = [];
/**
 * How often {@link copied} was filled: whoever finds another number than after filling it has been interrupted by calls. With atomic operations, for V8's
 * optimising compiler takes it for granted that what runs between two turns of a loop writes nothing, and does not read a variable again (Node 22 to 26).
 */
const fills = new Int32Array(1);
const { add, load } = Atomics;
export const filled = (): number => load(fills, 0);

export function fill(receiver: unknown, args: readonly unknown[]): number {
  const mine = (add(fills, 0, 1) + 1) | 0;
  const { length } = args;
  while (copied.length > length + 1) copied.pop();
  copied[0] = receiver;
  for (let i = 0; i < length; i++) copied[i + 1] = args[i];
  return mine;
}

/** The last before the call is made: nothing may be called after it. */
export function fillAgain(receiver: unknown, args: readonly unknown[]): void {
  let mine: number;
  do {
    mine = (add(fills, 0, 1) + 1) | 0;
    copied.length = args.length + 1;
    copied[0] = receiver;
    for (let i = 0; i < args.length; i++) copied[i + 1] = args[i];
  } while (mine !== filled());
}

/** Lets go of what was passed; to set the length would cost more. */
export function dropCopies(): void {
  for (let i = 0; i < copied.length; i++) copied[i] = undefined;
}

/** What knows how a function is called. */
export interface Entrance {
  /** A call has come: fills in what is passed to the original, and answers what calls it. */
  arrive(receiver: unknown, args: readonly unknown[]): Callable;
}

/** What V8 has collected: the rest are the arguments of a proxy's trap. */
type Collected = [own: Entrance, target: Callable, receiver: unknown, args: unknown[]];

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
  });
  const entrance = new Proxy(function enter() {}, { apply: lookUp as never });
  let last: unknown;
  const put = (result: unknown): void => {
    // Half of all results are those of the call before: `true`, `undefined`.
    if (result !== last || last === undefined) table.set(0, (last = result));
  };
  table.set(0, undefined);
  return { trapOf: (own) => bind(realm.call, entrance, undefined, own), put };
}

let native: ReturnType<typeof build> | undefined;
export const nativeNow = (): ReturnType<typeof build> => (native ??= build());

/** Lets go of the last result, which the table would keep alive until the next call. Not while one may be on its way. */
export function forgetResult(): void {
  native?.put(undefined);
}

/** Runs code of ours before and after a call of somebody else's function without a stack frame of ours in between. */
import { runInContext } from 'node:vm';
import { receiverFor } from './receiver.ts';
import { context as ownContext } from './stack.ts';

type Callable = (...args: never[]) => unknown;

/** What to run around a call. Neither may throw. */
export interface Hooks {
  /** Answers whether the rest is wanted; without it the call costs next to nothing (12 ns). */
  begin(): boolean;
  /** Sees the receiver and the arguments, which it must not keep or change, right before the call. */
  enter?(passed: readonly unknown[]): void;
  /** Not called when the function throws. */
  end(result: unknown): void;
}

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
 */
const { apply } = Reflect;
const { bind: nativeBind, call: nativeCall } = Function.prototype;
/** With the language's own functions: the program may put others in their place later. */
const bind = <T extends Callable>(target: T, ...args: unknown[]): Callable =>
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

/** The call that is on its way. */
interface Passage {
  receiver(receiver: unknown): unknown;
  finish: Callable;
  /** Sees the receiver and the arguments, copied, and may replace arguments. */
  enter?: ((passed: unknown[]) => void) | undefined;
}

let passage: Passage;
const copied: unknown[] = [];

function goThrough(next: Passage): void {
  passage = next;
}

/** Lets go of what was passed; to set the length would cost more. */
function dropCopies(): void {
  for (let i = 0; i < copied.length; i++) copied[i] = undefined;
}

function build(): { trap: Callable; put: (result: unknown) => void; lastPut: () => unknown } {
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
    get(this: [unknown, unknown[]]) {
      const args = this[1];
      const { length } = args;
      while (copied.length > length + 1) copied.pop();
      copied[0] = passage.receiver(this[0]);
      for (let i = 0; i < length; i++) copied[i + 1] = args[i];
      passage.enter?.(copied);
      return passage.finish;
    },
  });
  const entrance = new Proxy(function enter() {}, { apply: lookUp as never });
  let last: unknown;
  const lastPut = (): unknown => last;
  const put = (result: unknown): void => {
    // Half of all results are those of the call before: `true`, `undefined`.
    if (result !== last || last === undefined) table.set(0, (last = result));
  };
  table.set(0, undefined);
  return { trap: bind(realm.call, entrance), put, lastPut };
}

let native: ReturnType<typeof build> | undefined;
const nativeNow = (): ReturnType<typeof build> => (native ??= build());

const unchanged = (receiver: unknown): unknown => receiver;

/**
 * The handler of a stand-in's proxy, and of its calls all that is always the same. A class, for there are 140 of them, and from the second one on V8 makes a dictionary of an object
 * literal with an accessor: 1600 bytes instead of 900.
 */
class Entrance {
  /** What to pass as `this`; called as a method. */
  receiver: (this: never, receiver: unknown) => unknown = unchanged;
  finish: Callable = nativeCall;
  readonly isWanted: (() => boolean) | undefined;
  readonly trap = nativeNow().trap;
  sourceText: Callable | undefined = undefined;

  constructor(isWanted: (() => boolean) | undefined) {
    this.isWanted = isWanted;
  }

  get apply(): never {
    const { isWanted } = this;
    if (isWanted !== undefined && !isWanted()) return undefined as never;
    goThrough(this);
    return this.trap as never;
  }

  get(target: Callable, key: PropertyKey): unknown {
    const value: unknown = Reflect.get(target, key);
    if (key !== 'toString' || value !== Function.prototype.toString) return value;
    return (this.sourceText ??= bind(value as Callable, target));
  }
}

/** Lists for `Reflect.apply` whose first element is the result of the call: to read it natively calls the original with the copied arguments. */
const ONE = { length: 1 };
const TWO = { length: 2 };

function callOf(original: Callable, size: typeof ONE): object {
  const list = Object.create(size) as object;
  const get = bind(apply as Callable, undefined, nativeCall, original, copied);
  return Object.defineProperty(list, 0, { get });
}

class Bracket extends Entrance {
  readonly hooks: Hooks;
  readonly original: Callable;
  readonly enter: Hooks['enter'];
  /** Where the function may get a look-alike of its receiver. */
  standIn: object | undefined;

  constructor(original: Callable, hooks: Hooks) {
    super(hooks.begin);
    [this.original, this.hooks, this.enter, this.receiver] = [original, hooks, hooks.enter, firstReceiver];
  }
}

/** At the first call, for most functions are never called: makes what all calls go through. */
function firstReceiver(this: Bracket, receiver: unknown): unknown {
  this.finish = bind(apply as Callable, undefined, finishBracket, this.hooks, callOf(this.original, ONE));
  this.receiver = this.standIn === undefined ? unchanged : receiverFor(this.standIn, this.original);
  return apply(this.receiver, this as never, [receiver]);
}

function finishBracket(this: Hooks, result: unknown): number {
  dropCopies();
  this.end(result);
  nativeNow().put(result);
  return 0;
}

/**
 * A stand-in for `original` that runs `hooks` around every call: same name, length, properties, source text, result and error stacks. Unless `usesThis`,
 * the function may get a look-alike of its receiver (see receiver.ts).
 */
export function bracket<T extends Callable>(original: T, hooks: Hooks, usesThis = false): T {
  const own = new Bracket(original, hooks);
  const standIn = new Proxy<T>(original, own);
  if (!usesThis) own.standIn = standIn;
  return standIn;
}

/** What to run around a call that is to be seen whole. Neither may throw. */
export interface CallHooks<C> {
  /** Without a yes the call is not seen and costs next to nothing (10 ns). */
  isWanted?(): boolean;
  /** Gets a copy of the arguments and may replace elements of it. Answers what `end` is to know. */
  begin(receiver: unknown, args: unknown[]): C;
  /** Not called when the function throws. Answers the result that the caller gets. */
  end(result: unknown, context: C): unknown;
}

/** A call on its way: what `end` is to know, and what runs when it has returned. */
interface Passing<C> {
  context: C | undefined;
  finish: Callable;
}

class CallBracket<C> extends Entrance {
  readonly hooks: CallHooks<C>;
  readonly original: Callable;
  call: object | undefined; // made at the first call
  /** Each call on its way has a list of its own, for calls can be nested; used again when it has returned. One that throws keeps its own. */
  readonly spare: Passing<C>[] = [];

  constructor(original: Callable, hooks: CallHooks<C>) {
    super(hooks.isWanted);
    this.hooks = hooks;
    this.original = original;
  }

  enter(passed: unknown[]): void {
    const args = passed.slice(1);
    const context = this.hooks.begin(passed[0], args);
    for (let i = 0; i < args.length; i++) passed[i + 1] = args[i];
    const passing = this.spare.pop() ?? newPassing(this);
    passing.context = context;
    this.finish = passing.finish;
  }
}

function newPassing<C>(own: CallBracket<C>): Passing<C> {
  const list = Object.create((own.call ??= callOf(own.original, TWO))) as Passing<C>[];
  const passing = { context: undefined, finish: bind(apply as Callable, undefined, finishCall, own, list) };
  list[1] = passing;
  return passing;
}

function finishCall<C>(this: CallBracket<C>, result: unknown, passing: Passing<C>): number {
  dropCopies();
  this.finish = nativeCall;
  const { context } = passing;
  passing.context = undefined;
  this.spare.push(passing);
  nativeNow().put(this.hooks.end(result, context as C));
  return 0;
}

/**
 * As {@link bracket}, with hooks that see receiver, arguments and result. About 0.45 us a call. `usesThis`: the function gets the receiver itself, not a
 * look-alike (see receiver.ts).
 */
export function bracketCalls<T extends Callable, C>(original: T, hooks: CallHooks<C>, usesThis = true): T {
  const own = new CallBracket(original, hooks);
  const standIn = new Proxy<T>(original, own);
  if (!usesThis) own.receiver = receiverFor(standIn, original);
  return standIn;
}

/**
 * Runs what may interrupt a call between any two of its steps: a request of the inspector does. The calls made meanwhile leave nothing behind, else the
 * one that goes on would get their arguments or their result.
 */
export function besideCalls<T>(work: () => T): T {
  if (native === undefined) return work();
  const { put, lastPut } = native;
  const interrupted: Passage | undefined = passage;
  const finish = interrupted?.finish;
  const result = lastPut();
  const list: unknown[] = [];
  for (let i = 0; i < copied.length; i++) list[i] = copied[i];
  try {
    return work();
  } finally {
    if (interrupted !== undefined && finish !== undefined) {
      passage = interrupted;
      // Where it was not made yet, the call that goes on makes it, or does without if one of these has.
      if (finish !== nativeCall) passage.finish = finish;
    }
    while (copied.length > list.length) copied.pop();
    for (let i = 0; i < list.length; i++) copied[i] = list[i];
    put(result);
  }
}

/** Lets go of the last result, which the table would keep alive until the next call. Not while one may be on its way. */
export function forgetResult(): void {
  native?.put(undefined);
}

/** Whether calls pass through {@link bracket} unchanged in this runtime: false without WebAssembly, or when a future V8 differs. */
export function bracketWorks(): boolean {
  try {
    const seen: string[] = [];
    const self = {};
    const plain = function sample(this: unknown, first: unknown, second?: unknown): unknown[] {
      seen.push('call');
      return [this, first, second, arguments.length, new Error('sample').stack];
    };
    const bracketed = bracket(plain as Callable, {
      begin: () => seen.push('begin') > 0,
      end: () => void seen.push('end'),
    });
    const answers = [plain as Callable, bracketed].map((each) => Reflect.apply(each, self, [plain, 2]) as unknown[]);
    const [expected, actual] = answers as [unknown[], unknown[]];
    return seen.join() === 'call,begin,call,end' && expected.every((value, i) => value === actual[i]);
  } catch {
    return false;
  }
}

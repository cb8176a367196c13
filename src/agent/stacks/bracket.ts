/** Runs code of ours before and after a call of somebody else's function without a stack frame of ours in between (passage.ts). */
import {
  bind,
  copied,
  dropCopies,
  fill,
  fillAgain,
  filled,
  nativeNow,
  type Callable,
  type Entrance,
} from './passage.ts';
import { receiverFor, type ReceiverFor } from './receiver.ts';

const { apply } = Reflect;
const { call: nativeCall } = Function.prototype;

/** What to run around a call. Neither may throw. */
export interface Hooks {
  /** Answers whether the rest is wanted; without it the call costs next to nothing (12 ns). */
  begin(): boolean;
  /** Sees the receiver and the arguments, which it must not keep or change, right before the call. */
  enter?(passed: readonly unknown[]): void;
  /** Not called when the function throws. */
  end(result: unknown): void;
}

/**
 * The handler of a stand-in's proxy, and of its calls all that is always the same. A class, for there are 140 of them, and from the second one on V8 makes a dictionary of an object
 * literal with an accessor: 1600 bytes instead of 900. What only calls need is made at the first one, for most functions are never called.
 */
abstract class StandIn implements Entrance {
  readonly isWanted: (() => boolean) | undefined;
  readonly original: Callable;
  /** Where the function may get a look-alike of its receiver. */
  standIn: object | undefined = undefined;
  receiverFor: ReceiverFor | undefined = undefined;
  trap: Callable | undefined = undefined;
  sourceText: Callable | undefined = undefined;

  constructor(original: Callable, isWanted: (() => boolean) | undefined) {
    this.original = original;
    this.isWanted = isWanted;
  }

  get apply(): never {
    const { isWanted } = this;
    if (isWanted !== undefined && !isWanted()) return undefined as never;
    return (this.trap ??= nativeNow().trapOf(this)) as never;
  }

  get(target: Callable, key: PropertyKey): unknown {
    const value: unknown = Reflect.get(target, key);
    if (key !== 'toString' || value !== Function.prototype.toString) return value;
    return (this.sourceText ??= bind(value as Callable, target));
  }

  abstract arrive(receiver: unknown, args: readonly unknown[]): Callable;

  /** What to pass as `this`. */
  passedReceiver(receiver: unknown): unknown {
    const { standIn } = this;
    return standIn === undefined ? receiver : (this.receiverFor ??= receiverFor(standIn, this.original))(receiver);
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

class Bracket extends StandIn {
  readonly hooks: Hooks;
  finish: Callable | undefined = undefined;

  constructor(original: Callable, hooks: Hooks) {
    super(original, hooks.begin);
    this.hooks = hooks;
  }

  arrive(receiver: unknown, args: readonly unknown[]): Callable {
    const { hooks } = this;
    const passed = this.passedReceiver(receiver);
    const finish = (this.finish ??= bind(
      apply as Callable,
      undefined,
      finishBracket,
      hooks,
      callOf(this.original, ONE),
    ));
    const mine = fill(passed, args);
    hooks.enter?.(copied);
    if (mine !== filled()) fillAgain(passed, args);
    return finish;
  }
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

class CallBracket<C> extends StandIn {
  readonly hooks: CallHooks<C>;
  call: object | undefined = undefined;
  /** Each call on its way has a list of its own, for calls can be nested; used again when it has returned. One that throws keeps its own. */
  readonly spare: Passing<C>[] = [];

  constructor(original: Callable, hooks: CallHooks<C>) {
    super(original, hooks.isWanted);
    this.hooks = hooks;
  }

  arrive(receiver: unknown, args: readonly unknown[]): Callable {
    const passed = this.passedReceiver(receiver);
    const copies: unknown[] = [];
    for (let i = 0; i < args.length; i++) copies[i] = args[i];
    const context = this.hooks.begin(passed, copies);
    const passing = this.spare.pop() ?? newPassing(this);
    passing.context = context;
    if (fill(passed, copies) !== filled()) fillAgain(passed, copies);
    return passing.finish;
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
  if (!usesThis) own.standIn = standIn;
  return standIn;
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

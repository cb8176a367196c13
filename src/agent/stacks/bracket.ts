/** Runs code of ours before and after a call of somebody else's function without a stack frame of ours in between (passage.ts). */
import { bind, dropPassed, nativeNow, ONE, pass, TWO, type Callable, type Entrance } from './passage.ts';
import { receiverFor, type ReceiverFor } from './receiver.ts';

const { apply } = Reflect;

/** What to run around a call. Neither may throw. */
export interface Hooks {
  /** Answers whether the rest is wanted; without it the call costs next to nothing (12 ns). */
  begin(): boolean;
  /** Sees the arguments, which it must not keep or change, and the receiver right before the call. */
  enter?(args: readonly unknown[], receiver: unknown): void;
  /** Not called when the function throws. */
  end(result: unknown): void;
}

/**
 * The handler of a stand-in's proxy, and of its calls all that is always the same. A class, for there are 140 of them, and from the second one on V8 makes a dictionary of an object
 * literal with an accessor: 1600 bytes instead of 900. What only calls need is made at the first one, for most functions are never called.
 */
abstract class Handler implements Entrance {
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

  abstract arrive(receiver: unknown, args: unknown[]): Callable;

  /** What to pass as `this`. */
  passedReceiver(receiver: unknown): unknown {
    const { standIn } = this;
    return standIn === undefined ? receiver : (this.receiverFor ??= receiverFor(standIn, this.original))(receiver);
  }
}

class Bracket extends Handler {
  readonly hooks: Hooks;
  finish: Callable | undefined = undefined;

  constructor(original: Callable, hooks: Hooks) {
    super(original, hooks.begin);
    this.hooks = hooks;
  }

  arrive(receiver: unknown, args: unknown[]): Callable {
    const { hooks } = this;
    const passed = this.passedReceiver(receiver);
    const finish = (this.finish ??= bind(apply as Callable, undefined, finishBracket, hooks, ONE));
    hooks.enter?.(args, passed);
    pass(this.original, passed, args);
    return finish;
  }
}

function finishBracket(this: Hooks, result: unknown): number {
  dropPassed();
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
  /** Gets the list of arguments and may replace elements of it. Answers what `end` is to know. */
  begin(receiver: unknown, args: unknown[]): C;
  /** Not called when the function throws. Answers the result that the caller gets. */
  end(result: unknown, context: C): unknown;
}

/** A call on its way: what `end` is to know, and what runs when it has returned. */
interface Passing<C> {
  context: C | undefined;
  finish: Callable;
  next: Passing<C> | undefined;
}

class CallBracket<C> extends Handler {
  readonly hooks: CallHooks<C>;
  /** Each call on its way has one of its own, for calls can be nested; used again when it has returned. One that throws keeps its own. */
  spare: Passing<C> | undefined = undefined;

  constructor(original: Callable, hooks: CallHooks<C>) {
    super(original, hooks.isWanted);
    this.hooks = hooks;
  }

  arrive(receiver: unknown, args: unknown[]): Callable {
    const passed = this.passedReceiver(receiver);
    const context = this.hooks.begin(passed, args);
    const passing = this.spare ?? newPassing(this);
    this.spare = passing.next;
    passing.context = context;
    pass(this.original, passed, args);
    return passing.finish;
  }
}

function newPassing<C>(own: CallBracket<C>): Passing<C> {
  const list = Object.create(TWO) as object;
  const finish = bind(apply as Callable, undefined, finishCall, own, list);
  const passing: Passing<C> = { context: undefined, finish, next: undefined };
  Object.defineProperty(list, 1, { value: passing });
  return passing;
}

function finishCall<C>(this: CallBracket<C>, result: unknown, passing: Passing<C>): number {
  dropPassed();
  const { context } = passing;
  passing.context = undefined;
  passing.next = this.spare;
  this.spare = passing;
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

/** Asks V8 who awaits a pending promise: exact lines, synchronously, at no cost to the program until somebody looks. */
import vm from 'node:vm';
import { context, OWN_FILE, type CallSite } from '../stacks/stack.ts';

/*
 * `Promise.all.call(C, [0])`, where `new C` returns the target and `C.resolve` returns a settled promise q of ours: q's only reaction is then an element
 * of a Promise.all whose capability is the target, and a stack captured inside q's job continues with the awaiters of the target (V8 async stack
 * walker, Node 18 to 26). The context's own microtask queue runs the job before `runInContext` returns. The target itself is not touched.
 * V8 leaves out all frames above the function it is given, and takes that of a combinator for one: from our own `Promise.all` on there are awaiters alone.
 */
interface ProbeApi {
  /** `isPlain`: with the synchronous frames. */
  set(targets: unknown[], limit: number, isPlain?: boolean): void;
  go(): void;
  take(): CallSite[][];
  /** A promise that is awaited, on one line. */
  awaited: object;
}

const api = vm.runInContext(
  `(() => {
    const all = Promise.all, then = Promise.prototype.then, settled = Promise.resolve(), E = Error, nothing = () => {};
    const awaited = new Promise(nothing);
    (async () => { await awaited; })();
    let targets = [], stacks = [], limit = 0, below;
    function pendingWith(resolver) {
      const target = new Promise(nothing);
      then.call(target, resolver);
      return target;
    }
    function probe(target, i) {
      const q = then.call(settled, () => { E.stackTraceLimit = limit; const holder = {}; E.captureStackTrace(holder, below); stacks[i] = holder.stack; });
      function C(executor) { executor(nothing, nothing); return target; }
      C.resolve = () => q;
      all.call(C, [0]);
    }
    return {
      set(list, frames, isPlain) { targets = list; limit = frames; below = isPlain ? undefined : all; stacks = new Array(list.length); },
      go() { for (let i = 0; i < targets.length; i++) probe(typeof targets[i] === 'function' ? pendingWith(targets[i]) : targets[i], i); targets = []; },
      take() { const taken = stacks; stacks = []; return taken; },
      awaited,
    };
  })()`,
  context,
  { filename: OWN_FILE },
) as ProbeApi;
(context as { probeApi?: ProbeApi }).probeApi = api;
const script = new vm.Script('probeApi.go()', { filename: OWN_FILE });
/** The original: the program's runs are timed (vm-runs.ts). */
const run = script.runInContext.bind(script);

let probing = false;

/** True while a probe runs: the hooks must not record its own promises. */
export function isProbing(): boolean {
  return probing;
}

let runs = 0;

/** The number of the run that {@link masked} is in: within it no code of the program runs. */
export const maskedRun = (): number => runs;

/** Runs `work` with the hooks masked. */
export function masked<T>(work: () => T): T {
  const before = probing;
  if (!before) runs++;
  probing = true;
  try {
    return work();
  } finally {
    probing = before;
  }
}

/** Whether V8 can be asked here, as far as the answer under way knows. */
let canWalk: boolean | undefined;
let isAnswering = false;

/** Runs `work`, which answers a request: what lies below it on the stack does not change meanwhile, so that one look at that is enough. */
export function inOneAnswer<T>(work: () => T): T {
  canWalk = undefined;
  isAnswering = true;
  try {
    return work();
  } finally {
    isAnswering = false;
  }
}

/** Whether no reaction of the program runs. */
let isBetweenReactions = (): boolean => true;
let barred = false;
let isLast = false;

/*
 * A probe runs a microtask, after which V8 does not know any more in which one it was: errors made later in the same reaction of the program would lack their
 * `at async` lines (`RunMicrotasks` clears the root `current_microtask`, V8 of Node 20 to 26).
 */

/** From now on there are probes only when `isSafe` says that no reaction of the program runs. */
export function probeOnlyWhen(isSafe: () => boolean): void {
  isBetweenReactions = isSafe;
}

/** Whether a probe would leave the program as it is. */
export function canProbe(): boolean {
  return isLast || (!barred && isBetweenReactions());
}

/** Runs `work` without probes: the program was interrupted where it is not certain whether a reaction runs. */
export function withoutProbes<T>(work: () => T): T {
  barred = true;
  try {
    return work();
  } finally {
    barred = false;
  }
}

/** Runs `work` with probes also inside a reaction: no code of the program comes after it. */
export function withLastProbes<T>(work: () => T): T {
  isLast = true;
  try {
    return work();
  } finally {
    isLast = false;
  }
}

function collect(targets: readonly object[], limit: number, isPlain?: boolean): CallSite[][] {
  return masked(() => {
    api.set([...targets], limit, isPlain);
    run(context);
    return api.take();
  });
}

const NEVER = masked(() => new Promise<never>(() => {}));

/** V8 goes through the program's own frames before it comes to the awaiters; under more of them there are no probes. */
const MAX_SYNCHRONOUS = 1000;

/** Whether V8 tells awaiters now. */
function asksInVain(): boolean {
  const [own = []] = collect([NEVER], MAX_SYNCHRONOUS, true);
  // While V8 is formatting another stack it gives text (see stack.ts). Where the marker is beyond the limit, there are too many frames.
  if (!Array.isArray(own) || own.at(-1)?.isAsync() !== true) return true;
  return collect([api.awaited], 2)[0]?.length !== 1;
}

/**
 * For each pending promise the chain of its awaiters, innermost first, at most `depth` of them; empty when nobody awaits it or when more than one
 * reaction is attached (V8 stops there). 3 to 12 us each. Undefined while that can't be asked: see {@link canProbe}, and deep in a recursion.
 */
export function awaiters(targets: readonly object[], depth: number): CallSite[][] | undefined {
  if (targets.length === 0) return [];
  if (!canProbe()) return undefined;
  if (!isAnswering || canWalk === undefined) canWalk = !asksInVain();
  return canWalk ? collect(targets, depth) : undefined;
}

/**
 * As {@link awaiters}, of the promises that these functions resolve. Each becomes the handler of a promise of ours that is never settled: V8 walks on from a
 * handler that is a promise's own resolve function, and stops at any other. None of them is called.
 */
export function awaitersOfResolvers(resolvers: readonly object[], depth: number): CallSite[][] | undefined {
  return awaiters(resolvers, depth);
}

/** What a promise waits for that a function of Node's has returned: told from the call's arguments, when somebody looks. */
import type { Wait } from '../../protocol/agent.ts';
import type { AbortFacts, WaitFacts } from '../../protocol/waits.ts';
import { guarded } from '../faults.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { WaitSource } from '../promises/promise-record.ts';
import { PromiseStamp } from '../promises/stamp.ts';

/** A wait that the call tells that gave the promise; subclasses say which. They hold what they read weakly. */
export abstract class CallWait implements WaitSource {
  readonly fromPromiseFunction = false;
  readonly isStep = false;
  readonly isOfCall = true;

  /** Undefined when what it is about is gone. */
  protected abstract tell(graph?: AwaitGraph): WaitFacts | undefined;

  isWhole(): boolean {
    return true;
  }

  isOver(): boolean {
    return false;
  }

  describe(graph?: AwaitGraph): Wait | undefined {
    const facts = guarded('wait', () => this.tell(graph), undefined);
    return facts === undefined ? undefined : { facts, confidence: 'exact' };
  }
}

/** A wait described by `tell`, which must hold what it reads weakly; undefined when that is gone. `isWhole` as in {@link WaitSource}. */
export function callWait(tell: (graph?: AwaitGraph) => WaitFacts | undefined, isWhole = true): WaitSource {
  return {
    fromPromiseFunction: false,
    isStep: false,
    isOfCall: true,
    isWhole: () => isWhole,
    isOver: () => false,
    describe(graph) {
      const facts = guarded('wait', () => tell(graph), undefined);
      return facts === undefined ? undefined : { facts, confidence: 'exact' };
    },
  };
}

/** As {@link callWait}, where it is only likely that this settles the promise. */
export function likely(tell: (graph?: AwaitGraph) => WaitFacts | undefined): WaitSource {
  const source = callWait(tell, false);
  return {
    fromPromiseFunction: false,
    isStep: true,
    isGuess: true,
    isOver: () => false,
    describe(graph) {
      const wait = source.describe(graph);
      return wait && { ...wait, confidence: 'inferred' };
    },
  };
}

/** Says what will settle `promise`; without effect when that is no promise or settled already. */
export function settles(promise: unknown, source: WaitSource): void {
  if (typeof promise !== 'object' || promise === null) return;
  const record = PromiseStamp.get(promise);
  if (record?.isPending === true) record.note().source = source;
}

/** As {@link settles}, of the promise from which the given one was made by `then` and `catch`. */
export function settlesOrigin(promise: unknown, source: WaitSource): void {
  if (typeof promise !== 'object' || promise === null) return;
  let record = PromiseStamp.get(promise);
  while (record?.parent) record = record.parent;
  if (record?.isPending === true) record.note().source = source;
}

/** Adds what a signal says, when there is one. */
export function withAbort(facts: WaitFacts, abort: AbortFacts | undefined): WaitFacts {
  return abort === undefined ? facts : { ...facts, abort };
}

/** A weak reference to an object; undefined stays undefined. */
export function weak(value: unknown): () => unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return () => undefined;
  const reference = new WeakRef(value);
  return () => reference.deref();
}

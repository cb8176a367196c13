/** What the agent tells about code that a debugger holds: how it came to run. */
import type { Combinator, Frame, WaitFacts } from './agent.ts';

/** A line of the asynchronous part of a stack: a place, or an element of a combinator. */
export interface AsyncFrame {
  frame?: Frame;
  combinator?: Combinator;
  /** Element index inside the combinator. */
  index?: number;
}

/**
 * How the code above was reached. `await`: these await it, one the other. `waiters`: several await it side by side. `resource`: it runs in the callback of
 * this timer, socket or request, which was made here. `settles`: that callback is to settle what these await.
 */
export interface AsyncPart {
  kind: 'await' | 'waiters' | 'resource' | 'settles';
  /** Only of a resource. */
  facts?: WaitFacts;
  /** Innermost first; of `waiters` each stands for itself. Empty when nobody took down where a resource was made. */
  frames: AsyncFrame[];
  /** `exact`: V8 or the records say so; `inferred`: the order of events suggests it. */
  confidence: 'exact' | 'inferred';
}

/** What runs at this moment, and how it came to run. */
export interface AsyncStack {
  /** The call stack, innermost first, as far as it is not Node's own loop. */
  frames: Frame[];
  /** Innermost first; empty when the program's main code runs. */
  parts: AsyncPart[];
}

/**
 * Lets the JavaScript debugger collect asynchronous stacks only while the user steps: without them V8 neither steps into a callback nor out of an async
 * function (Node 20 to 26). In a program that runs freely they would cost many times its speed.
 */
import type { Cdp } from './cdp.ts';

export interface StepStacks {
  /** The program is held: the next command may be a step. */
  held(): void;
  /** It goes on; `stepping`: to stop again soon. */
  released(stepping: boolean): void;
  /** Nothing is to be sent any more. */
  stop(): void;
}

/** As the JavaScript debugger's own default. */
const DEPTH = 32;
/** A step that has not ended after this time has run away, or waits for something long: then speed counts. Milliseconds. */
const STEP_MS = 30_000;

/** For a session that collects nothing by itself. */
export function createStepStacks(cdp: Cdp): StepStacks {
  let depth = 0;
  let timer: NodeJS.Timeout | undefined;
  const set = (maxDepth: number): void => {
    if (depth === maxDepth) return;
    depth = maxDepth;
    cdp.send('Debugger.setAsyncCallStackDepth', { maxDepth }).catch(() => undefined); // the program is ending
  };
  return {
    held() {
      clearTimeout(timer);
      set(DEPTH);
    },
    released(stepping) {
      clearTimeout(timer);
      if (stepping) timer = setTimeout(() => set(0), STEP_MS).unref();
      else set(0);
    },
    stop: () => clearTimeout(timer),
  };
}

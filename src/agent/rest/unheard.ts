/** Notes whether the program uses what runs its code without a callback of the loop, so that nothing would tell when it goes on: such a program is not left alone. */
import { performance } from 'node:perf_hooks';
import { newBudget } from '../budget.ts';
import { captureCallSites } from '../stacks/stack.ts';
import { observe } from '../waits/observe.ts';

/** Node's own calls, of which there may be many, are told apart by the stack: 5 us each. */
const looks = newBudget(20, 50);

let used = false;

/** Whether the program has finalization registries, or has waited by `Atomics.waitAsync`. */
export const runsUnheard = (): boolean => used;

/** From now on; once for each thread. */
export function watchUnheard(): void {
  const isWanted = (): boolean => !used && looks.take(performance.now());
  const called = (): void => {
    used = captureCallSites(1)[0]?.getFileName()?.startsWith('node:') === false;
  };
  observe(FinalizationRegistry.prototype, 'register', { isWanted, called }, true);
  observe(Atomics, 'waitAsync', { isWanted, called });
}

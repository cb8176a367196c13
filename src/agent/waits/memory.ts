/** Tells waits for shared memory: `Atomics.waitAsync`. */
import type { WaitFacts } from '../../protocol/agent.ts';
import { callWait, settles } from './call-wait.ts';
import { own } from './objects.ts';
import { observe } from './observe.ts';

const FACTS: WaitFacts = { kind: 'worker', memory: true };

/** Starts telling; call before the program's own code runs. */
export function watchMemory(): void {
  const returned = ({ result }: { result: unknown }): void =>
    settles(
      own(result, 'value'),
      callWait(() => FACTS),
    );
  observe(Atomics, 'waitAsync', { returned }, true);
}

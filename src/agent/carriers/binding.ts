/** Sends events through a function that the inspector installed (`Runtime.addBinding`); keeps them until there is one. */
import type { AgentEvent } from '../../protocol/agent.ts';
import type { Awake } from '../../protocol/polls.ts';
import type { Carrier } from './events.ts';

const MAX_BUFFERED = 500;
const { stringify } = JSON;

/** A carrier that waits for its function. */
export interface Binding extends Carrier {
  /** Takes the global function `name`, removes the global and sends what was kept; returns how many events that were. Throws when it is no function. */
  connect(name: string): number;
  /** Sends what only matters to who listens now. */
  tell(event: Awake): void;
}

/** Without a function the first event (hello) and the last 499 are kept. */
export function newBinding(): Binding {
  const kept: AgentEvent[] = [];
  let deliver: ((json: string) => void) | undefined;
  return {
    send(event) {
      if (deliver !== undefined) {
        deliver(stringify([event]));
        return;
      }
      if (kept.length >= MAX_BUFFERED) kept.splice(1, 1);
      kept.push(event);
    },
    connect(name) {
      const found: unknown = Reflect.get(globalThis, name);
      if (typeof found !== 'function') throw new Error(`there is no binding named ${name}`);
      Reflect.deleteProperty(globalThis, name);
      deliver = (json) => void Reflect.apply(found, undefined, [json]);
      const buffered = kept.splice(0);
      if (buffered.length > 0) deliver(stringify(buffered));
      return buffered.length;
    },
    tell: (event) => deliver?.(stringify([event])),
  };
}

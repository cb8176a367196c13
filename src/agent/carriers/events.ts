/** Hands each event of the agent to every carrier; what a carrier cannot deliver is lost without harm to the program. */
import type { AgentEvent, Frame, Stall } from '../../protocol/agent.ts';
import { addOriginals } from '../stacks/originals.ts';

/** Takes events out of the process. */
export interface Carrier {
  /** Returns when the event is out of this thread's hands: the next statement may block it. */
  send(event: AgentEvent): void;
}

const carriers: Carrier[] = [];

/** From now on `carrier` gets every event. */
export function addCarrier(carrier: Carrier): void {
  carriers.push(carrier);
}

/** All places that are told with a stall. */
export function stallStacks({ stack, effects }: Stall): Frame[][] {
  return [stack, ...[...(effects?.tasks ?? []), ...(effects?.timers ?? [])].map((each) => each.stack)];
}

/** Snapshots complete their own. */
function stacksOf(event: AgentEvent): Frame[][] {
  if (event.event === 'stall') return stallStacks(event.stall);
  return event.event === 'blocking-begin' ? [event.stack] : [];
}

/** Never throws. */
export function emit(event: AgentEvent): void {
  addOriginals(stacksOf(event));
  for (const carrier of carriers) {
    try {
      carrier.send(event);
    } catch {
      // A full disk or a lost connection is no reason to disturb the program, and a fault report would take the same way.
    }
  }
}

/** Counts what failed inside the agent and tells it once, never on the program's own streams. */
import { emit } from './carriers/events.ts';

const MAX_FAULTS = 20;
const known = new Set<string>();

/** Reports a failure; the same message only the first time. `fatal`: the agent has switched itself off. */
export function reportFault(where: string, error: unknown, fatal = false): void {
  const message = `${where}: ${error instanceof Error ? error.message : String(error)}`;
  if (known.has(message) || known.size >= MAX_FAULTS) return;
  known.add(message);
  emit({ event: 'fault', message, fatal });
}

/** Messages so far, oldest first; at most 20. */
export function faults(): string[] {
  return [...known];
}

/** Runs `work`; a failure is reported and answered with `otherwise`. */
export function guarded<T>(where: string, work: () => T, otherwise: T): T {
  try {
    return work();
  } catch (error) {
    reportFault(where, error);
    return otherwise;
  }
}

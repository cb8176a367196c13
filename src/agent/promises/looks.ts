/** What the hooks call while something is made or queued, for whoever wants to see the code that does it; null when nobody does. */

/** While every 512th promise is made. */
export let onSomePromise: (() => void) | null = null;
/** While a tick is queued. */
export let onTick: (() => void) | null = null;
/** While a resource is made, or the first promise of a callback. */
export let onStirring: (() => void) | null = null;
/** At each sweep: where nobody polls the program's promises bring them about. */
export let onSweep: (() => void) | null = null;

/** From now on `look` is called for promises and ticks; null for no more. It must not throw. */
export function lookAtQueueing(look: (() => void) | null): void {
  onSomePromise = look;
  onTick = look;
}

/** The same for whatever shows that a program that had nothing to do does something. */
export function lookAtStirring(look: (() => void) | null): void {
  onStirring = look;
}

/** The same at each sweep. */
export function lookAtSweeps(look: () => void): void {
  onSweep = look;
}

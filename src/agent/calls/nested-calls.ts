/** Keeps the calls by which Node has written one timed function in terms of another from being told as the program's own. */
import type { Frame } from '../../protocol/agent.ts';
import { isNodes } from '../stacks/origin.ts';
import { takeOut, timeOfAll, type ApiSums } from './api-sums.ts';

const names = new Set<string>();
let within: ApiSums[] = [];

/** A function of Node's is timed; `shownAs`: its name in a stack. */
export function nameTimed(shownAs: string): void {
  names.add(shownAs);
}

/** Whether a call with this stack, its caller first, was made in a timed function: one that was itself let through untimed. */
export function isInTimed(stack: readonly Frame[]): boolean {
  for (const frame of stack) {
    if (!isNodes(frame)) return false;
    if (names.has(frame.function.slice(frame.function.lastIndexOf('.') + 1))) return true;
  }
  return false;
}

/** A call that stands for `weight` of them has ended within another one, of which it is a part. */
export function addWithin(api: ApiSums, durationMs: number, weight: number): void {
  if (api.withinCount === 0) within.push(api);
  api.withinCount += weight;
  api.withinMs += timeOfAll(durationMs, weight);
}

/**
 * A call has ended that stands for `weight` of them. What lay {@link addWithin | within} the others, which are not timed, was taken for the program's own
 * calls: as much as that probably was, is taken out.
 */
export function takeOutWithin(weight: number): void {
  if (within.length === 0) return;
  for (const api of within) {
    const eachMs = api.withinMs / api.withinCount;
    if (weight > 1) takeOut(api, api.withinCount * (timeOfAll(eachMs, weight) - eachMs));
    api.withinCount = 0;
    api.withinMs = 0;
  }
  within = [];
}

/** Collects the stacks taken during one turn of the loop and picks the one that stands for it. */
import type { Frame } from '../protocol/agent.ts';
import { isForeign } from './origin.ts';

const MAX_SAMPLES = 40;

/** Stacks of one turn. */
export interface Samples {
  /** `late`: taken after a delay, so that the culprit may have returned already. Empty stacks are left out; the first 40 count. */
  add(stack: Frame[], late: boolean): void;
  /** The stack of the function seen most often, in time before late. */
  best(): { stack: Frame[]; late: boolean } | undefined;
}

/** Lines differ from sample to sample in one loop: the function tells. */
function functionKey(stack: readonly Frame[]): string {
  const frame = stack.find((each) => !isForeign(each)) ?? stack[0];
  return frame === undefined ? '' : `${frame.file}\n${frame.function}`;
}

/** No samples yet. */
export function newSamples(): Samples {
  const seen = new Map<string, { stack: Frame[]; late: boolean; count: number }>();
  let taken = 0;
  return {
    add(stack, late) {
      if (stack.length === 0 || taken >= MAX_SAMPLES) return;
      taken++;
      const key = functionKey(stack);
      const entry = seen.get(key);
      if (entry === undefined) {
        seen.set(key, { stack, late, count: 1 });
        return;
      }
      entry.count++;
      if (entry.late && !late) Object.assign(entry, { stack, late });
    },
    best() {
      const weight = (entry: { late: boolean; count: number }): number => (entry.late ? 0 : MAX_SAMPLES) + entry.count;
      return [...seen.values()].sort((a, b) => weight(b) - weight(a))[0];
    },
  };
}

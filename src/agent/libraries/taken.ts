/** Where what a pool gives out was asked for: of what its taker has forgotten to give back, no task tells. */
import { performance } from 'node:perf_hooks';
import type { Frame } from '../../protocol/agent.ts';
import type { TakenFacts } from '../../protocol/lock.ts';
import { newTimeBudget } from '../budget.ts';
import { coarseNow } from '../promises/clock.ts';
import { captureCallSites } from '../stacks/stack.ts';
import { siteAt, siteOf } from '../stacks/sites.ts';

/** Stacks cost some 20 us each: at most 0.2 % of the time, but for the first ones. */
const budget = newTimeBudget(0.002, 10, 50);
const STACK_DEPTH = 16;
/** Lines kept of each stack. */
const MAX_LINES = 3;
/** Told of one pool. */
const MAX_TAKEN = 20;

const NONE: readonly number[] = [];

const isOfPackage = (file: string): boolean => file.startsWith('node:') || file.includes('node_modules');

/** The lines of the program that ask right now; none where there was no budget to look. */
export function askingLines(): readonly number[] {
  if (!budget.take(coarseNow())) return NONE;
  const start = performance.now();
  const lines = captureCallSites(STACK_DEPTH)
    .filter((site) => !isOfPackage(site.getFileName() ?? 'node:'))
    .slice(0, MAX_LINES)
    .map(siteOf);
  budget.spent(performance.now() - start);
  return lines;
}

/** In words for the protocol; those without a line say nothing. */
export function takenFacts(all: readonly { lines: readonly number[]; heldMs: number }[]): TakenFacts[] {
  return all
    .map(({ lines, heldMs }) => ({
      frames: lines.map((line) => siteAt(line).frame).filter((frame): frame is Frame => frame !== undefined),
      heldMs,
    }))
    .filter(({ frames }) => frames.length > 0)
    .slice(0, MAX_TAKEN);
}

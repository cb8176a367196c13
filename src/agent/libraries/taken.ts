/** Where what a pool gives out was asked for: of what its taker has forgotten to give back, no task tells. */
import { performance } from 'node:perf_hooks';
import type { Frame } from '../../protocol/agent.ts';
import type { TakenFacts } from '../../protocol/lock.ts';
import { newTimeBudget } from '../budget.ts';
import { coarseNow } from '../promises/clock.ts';
import { isPackages } from '../stacks/origin.ts';
import { captureCallSites, type CallSite } from '../stacks/stack.ts';
import { siteAt, siteOf } from '../stacks/sites.ts';

/** Stacks cost some 20 us each: at most 0.2 % of the time, but for the first ones. */
const budget = newTimeBudget(0.002, 10, 50);
const STACK_DEPTH = 16;
/** Lines kept of each stack. */
const MAX_LINES = 3;
/** Told of one pool. */
const MAX_TAKEN = 20;

/** Of what is no pool's, and where nobody looked. */
export const NO_LINES: readonly number[] = [];

const fileOf = (site: CallSite): string => site.getFileName() ?? 'node:';
/** Node's own, and files of packages that only pass on to their pool what the program asks it for. */
const PASSING_ON = /^node:|[\\/]node_modules[\\/]mysql2[\\/](?:promise|lib[\\/]promise[\\/]pool)\.js$/;
const isPassingOn = (site: CallSite): boolean => PASSING_ON.test(fileOf(site));
const isOfPackage = (site: CallSite): boolean => isPackages(fileOf(site));

/**
 * The lines of the program that ask right now; none where there was no budget to look, and none where a package asks, such as an ORM or the pool's own `query`:
 * that gives back by itself what it takes.
 */
export function askingLines(): readonly number[] {
  if (!budget.take(coarseNow())) return NO_LINES;
  const start = performance.now();
  const calls = captureCallSites(STACK_DEPTH).filter((site) => !isPassingOn(site));
  const isOfProgram = calls[0] !== undefined && !isOfPackage(calls[0]);
  const lines = isOfProgram
    ? calls
        .filter((site) => !isOfPackage(site))
        .slice(0, MAX_LINES)
        .map(siteOf)
    : NO_LINES;
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

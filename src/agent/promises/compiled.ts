/** Knows the helpers that stand for `await` in functions compiled for old targets: TypeScript's, esbuild's and Babel's. Best effort. */
import type { PromiseRecord } from './promise-record.ts';
import { runningRecord } from './promises.ts';
import { functionSite, siteAt } from '../stacks/sites.ts';
import type { CallSite } from '../stacks/stack.ts';

/*
 * `__awaiter` (TypeScript below ES2017), `__async` (esbuild) and `_asyncToGenerator` (Babel) run a generator and call `then(fulfilled, rejected)` on what it
 * yields, in a function with one of these names. The generator is not on the stack then; the compiled function is, below the helper's executor, until the
 * first of these calls. Later ones are made in the reaction to the one before.
 */
const BABEL = 'asyncGeneratorStep';
const STEPS = new Set(['step', BABEL]);
const HELPERS = new Set(['__awaiter', '__async']);
const RESUMED = new Set(['fulfilled', 'rejected', '_next', '_throw']);
/** Of packages only what is awaited is told: their steps, some of which nobody awaits, would stand beside the program's own tasks. */
const PACKAGES = '/node_modules/';
/** Frames from `then` down to the compiled function, at most. */
export const HELPER_DEPTH = 8;

const nameOf = (site: CallSite | undefined): string => site?.getFunctionName() ?? '';

/** Whether the innermost frames may be those of a helper that awaits. */
export function mayBeCompiled([then, step]: readonly CallSite[]): boolean {
  return then?.getFileName() === null && nameOf(then) === 'then' && STEPS.has(nameOf(step));
}

/** The site of the compiled function that awaits, from {@link HELPER_DEPTH} frames; undefined when it is none. */
export function compiledSite(sites: readonly CallSite[]): number | undefined {
  const executor = sites.findIndex((site) => site.getFileName() === null && nameOf(site) === 'Promise');
  if (executor < 0) return RESUMED.has(nameOf(sites[2])) ? resumedSite(runningRecord()) : undefined;
  const helper = nameOf(sites[executor + 1]);
  const caller = sites[executor + 2];
  const file = caller?.getFileName() ?? null;
  const isHelper = HELPERS.has(helper) || (helper === '' && nameOf(sites[1]) === BABEL);
  if (!isHelper || caller === undefined || file === null) return undefined;
  return file.replaceAll('\\', '/').includes(PACKAGES) ? undefined : functionSite(caller);
}

function resumedSite(running: PromiseRecord | null): number | undefined {
  const site = running?.chain?.[0];
  return site !== undefined && siteAt(site).isFunction === true ? site : undefined;
}

/** Tells on Node 20 whether the main ES module is still being loaded and run; there that takes turns of the loop, in which the thread of a loader such as tsx is waited for. */
import { EventEmitter } from 'node:events';
import { loopStartMs } from './loop.ts';

const { listeners } = EventEmitter.prototype;
const { toString: sourceOf } = Function.prototype;

/**
 * While its main ES module is not over, Node 20 has this listener of `exit`, which then says that the module never ended; for a CommonJS program as long as modules of
 * `--import` run. Later versions have none, and there the loading is seen by its frames.
 */
const LISTENER = 'handleProcessExit';
const WHAT_IT_DOES = 'process.exitCode ??=';

/** Nobody has looked for so long: what was seen before says nothing. Milliseconds. */
const STALE_MS = 1000;

let runs = process.versions.node.startsWith('20.');
let askedMs = -Infinity;

function runsNow(): boolean {
  return listeners
    .call(process, 'exit')
    .some((each) => each.name === LISTENER && Reflect.apply(sourceOf, each, []).includes(WHAT_IT_DOES));
}

/** Whether it did when last asked, so that the turn in which it ended counts; once over, it is over. `nowMs`: of `performance.now`. */
export function mainModuleRan(nowMs: number): boolean {
  const ran = runs;
  // The listener comes just before the loop starts.
  if (!ran || loopStartMs() === undefined) return ran;
  const isFresh = nowMs - askedMs < STALE_MS;
  askedMs = nowMs;
  runs = runsNow();
  return isFresh || runs;
}

/** Has V8 collect all garbage, from the thread that watches, so that awaits are seen which nothing can settle any more. */
import { pauseAfter, SLICE_MS } from '../protocol/slices.ts';
import type { Connection } from './watch-link.ts';

/** As measured for the adapter's search: milliseconds, and milliseconds for each megabyte in use. */
const BASE_MS = 50;
const MS_PER_MB = 5;
/** For a program that is busy, or blocked: V8 collects in a turn of the event loop. Milliseconds. */
const PATIENCE_MS = 2000;
/** For one of millions of tasks. */
const LOOK_MS = 10_000;
const ROUNDS = 1000;

/**
 * The lines that wait are asked for before, because of what is gone they can't be any more; and who waited is seen only after the promise was met as gone.
 * Leaves it where the program would stand still for more than `limitMs`, or does not answer in time. Never rejects.
 */
export async function collectAndLook(to: Connection, limitMs: number): Promise<void> {
  try {
    const { usedSize } = (await inTime(to.send('Runtime.getHeapUsage', {}), PATIENCE_MS)) as { usedSize: number };
    const estimateMs = BASE_MS + (MS_PER_MB * usedSize) / 1e6;
    if (estimateMs > limitMs) return;
    await inTime(look(to), LOOK_MS);
    // The time it takes is no stall.
    await poll(to);
    await inTime(to.send('HeapProfiler.collectGarbage', {}), PATIENCE_MS + 5 * estimateMs);
    await poll(to);
    await inTime(look(to), LOOK_MS);
  } catch {
    // The program is ending; or it is too busy, and the state is told as it is.
  }
}

/** Rejects when it takes longer. */
function inTime(work: Promise<unknown>, limitMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(reject, limitMs, new Error('too late'));
    void work.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

/** A snapshot, and all that was watched but is gone. */
async function look(to: Connection): Promise<void> {
  for (let i = 0; i < ROUNDS; i++) {
    const answer = await new Promise<number | undefined>((resolve) => {
      to.ask({ request: 'snapshot', budgetMs: SLICE_MS }, (state) =>
        resolve(state !== undefined && 'done' in state ? pauseAfter(state) : undefined),
      );
    });
    if (answer === undefined) break;
    await new Promise((resolve) => {
      setTimeout(resolve, answer);
    });
  }
  for (let i = 0; i < ROUNDS; i++) {
    const isDone = await new Promise<boolean>((resolve) => {
      to.ask({ request: 'sweep' }, (state) => resolve(state?.done !== false));
    });
    if (isDone) break;
  }
}

const poll = (to: Connection): Promise<void> =>
  new Promise((resolve) => {
    to.ask({ request: 'poll', paused: true }, () => resolve());
  });

/** What a snapshot has for single rules alone; absent in most programs. */
import type { AwaitRow } from './await-rows.ts';
import type { JobWorker } from './job-workers.ts';

/** A call of an async function, as seen on a stack at the first await within it; both are indices into `Snapshot.frames`. */
export interface SeenCall {
  /** The line that calls. */
  call: number;
  /** That await. */
  inside: number;
}

export interface RuleFacts {
  /** Since the start, each pair of lines once, without those that were seen to await what they call. */
  calls?: SeenCall[];
  /** Since the start, of the calls that polls have met. */
  awaitRows?: AwaitRow[];
  /** Those that had, or have, a job for long. */
  jobWorkers?: JobWorker[];
}

/** What a snapshot has for single rules alone; absent in most programs. */
import type { AwaitRow } from './await-rows.ts';
import type { JobWorker } from './job-workers.ts';

export interface RuleFacts {
  /** Since the start, of the calls that polls have met. */
  awaitRows?: AwaitRow[];
  /** Those that had, or have, a job for long. */
  jobWorkers?: JobWorker[];
}

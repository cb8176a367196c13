/** Workers of job queues that have a job only for a time, unless they renew that in time: for the rule about jobs taken for stalled. */

/** A worker, and the times in which it had jobs for long enough to lose one. */
export interface JobWorker {
  library: string;
  /** Of the queue. */
  queue: string;
  /** How long it has a job, and how often that is renewed; milliseconds. */
  leaseMs: number;
  renewMs: number;
  /** Since the start of the process, milliseconds; without an end it still has the job. */
  jobs: { startMs: number; endMs?: number }[];
}

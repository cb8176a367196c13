/** Keeps when workers of bullmq, bull and bee-queue have jobs, and for how long they may without saying that they are alive. */
import type { JobWorker } from '../../protocol/job-workers.ts';
import { refreshClock } from '../promises/clock.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { field, hasMethods, numberField, objectField, prototypeOf, textField } from './fields.ts';
import { patch, recordOf } from './patch.ts';

type Lease = Omit<JobWorker, 'jobs'>;

interface Job {
  startMs: number;
  endMs?: number;
  /** Of the promise that settles when it is done; undefined while the function that begins it runs. */
  record?: PromiseRecord;
}

interface Worker extends Lease {
  jobs: Job[];
}

const MAX_WORKERS = 50;
/** Of one worker; the oldest are forgotten. */
const MAX_JOBS = 50;

const workers: Worker[] = [];
const known = new WeakMap<object, Worker>();

function workerOf(self: object, leaseOf: (self: object) => Lease | undefined): Worker | undefined {
  let worker = known.get(self);
  if (worker !== undefined) return worker;
  const lease = workers.length < MAX_WORKERS ? leaseOf(self) : undefined;
  if (lease === undefined) return undefined;
  worker = { ...lease, jobs: [] };
  known.set(self, worker);
  workers.push(worker);
  return worker;
}

/** Calls of `method` with a job have it until the promise they return is settled. */
function watchJobs(prototype: object, method: string, leaseOf: (self: object) => Lease | undefined): void {
  patch(prototype, method, {
    begin(self, [job]) {
      const worker = typeof job === 'object' && job !== null ? workerOf(self, leaseOf) : undefined;
      if (worker === undefined) return undefined;
      endJobs(worker);
      const begun: Job = { startMs: refreshClock() };
      worker.jobs.push(begun);
      return begun;
    },
    end(result, job) {
      const record = recordOf(result);
      if (job === undefined) return;
      if (record === null) job.endMs = refreshClock();
      else job.record = record;
    },
  });
}

/** Notes which jobs are done, and forgets the short ones. */
function endJobs({ jobs, leaseMs, renewMs }: Worker): void {
  for (const job of jobs) if (job.record?.isPending === false) job.endMs ??= refreshClock();
  const kept = jobs.filter(({ startMs, endMs }) => endMs === undefined || endMs - startMs >= leaseMs - renewMs);
  jobs.splice(0, jobs.length, ...kept.slice(-MAX_JOBS));
}

/** To be called at polls: when a job was done is known only as exactly as that. */
export function lookAtJobs(): void {
  for (const worker of workers) if (worker.jobs.length > 0) endJobs(worker);
}

/** Those that have, or had, a job for long. */
export function jobWorkers(): JobWorker[] {
  lookAtJobs();
  return workers
    .filter(({ jobs }) => jobs.length > 0)
    .map(({ jobs, ...lease }) => ({
      ...lease,
      jobs: jobs.map(({ startMs, endMs }) => ({ startMs, ...(endMs === undefined ? {} : { endMs }) })),
    }));
}

function leaseFrom(
  library: string,
  self: object,
  leaseMs: number | undefined,
  renewMs: number | undefined,
): Lease | undefined {
  if (leaseMs === undefined || leaseMs <= 0) return undefined;
  return { library, queue: textField(self, 'name') ?? '?', leaseMs, renewMs: renewMs ?? leaseMs / 2 };
}

/** A worker's class of bullmq 4 and 5. */
export function watchBullmqJobs(prototype: object): void {
  watchJobs(prototype, 'processJob', (self) => {
    const options = objectField(self, 'opts');
    if (field(options, 'skipLockRenewal') === true) return undefined;
    return leaseFrom('bullmq', self, numberField(options, 'lockDuration'), numberField(options, 'lockRenewTime'));
  });
}

/** The class of bull 3 and 4. */
export function watchBull(members: object): void {
  const queue = prototypeOf(field(members, 'Queue'));
  if (!hasMethods(queue, 'processJob', 'getNextJob', 'moveToActive')) return;
  watchJobs(queue, 'processJob', (self) => {
    const settings = objectField(self, 'settings');
    return leaseFrom('bull', self, numberField(settings, 'lockDuration'), numberField(settings, 'lockRenewTime'));
  });
}

/** The class of bee-queue 1 and 2; it says that it is alive twice in each interval. */
export function watchBeeQueue(members: object): void {
  const queue = prototypeOf(field(members, 'Queue'));
  if (!hasMethods(queue, '_runJob', '_preventStall', 'checkStalledJobs')) return;
  watchJobs(queue, '_runJob', (self) =>
    leaseFrom('bee-queue', self, numberField(objectField(self, 'settings'), 'stallInterval'), undefined),
  );
}

/** What p-limit and p-queue have in common: they take a function, run it when its turn comes, and give a promise of its result. */
import { announced, hooked, recordOf } from './patch.ts';
import { ask, start, workFor, type Grant, type Lock } from './lock.ts';

/** A function that was handed in. */
export interface Job {
  grant: Grant;
}

/**
 * Replaces the function among the arguments by one that tells when it starts; undefined when there is none. Its promise is noted unless the package resolves
 * its own with it, which shows by itself.
 */
export function enqueue(lock: Lock, args: unknown[], resolvesWithIt: boolean): Job | undefined {
  const [work] = args;
  if (typeof work !== 'function') return undefined;
  const grant = ask(lock);
  if (resolvesWithIt) {
    args[0] = announced(work as () => unknown, () => start(grant));
    return { grant };
  }
  args[0] = hooked(work as () => unknown, 'job', {
    begin: () => start(grant),
    end: (result) => {
      grant.work = recordOf(result);
    },
  });
  return { grant };
}

/** The promise that the program gets settles with the function. */
export function enqueued(job: Job | undefined, result: unknown): void {
  const record = recordOf(result);
  if (job !== undefined && record !== null) workFor(job.grant, record);
}

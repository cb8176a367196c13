/** The tasks that are over, with their places and how they settled. */
import type { EndedTask, Outcome } from '../protocol/tasks.ts';
import { framesOf, placeOf, type Place } from './place.ts';
import type { Program } from './program.ts';
import type { Sources } from './sources.ts';

/** A task that is over. */
export interface Ended {
  task: EndedTask;
  /** Its own, or that of the function. */
  name: string;
  /** Where it awaited last. */
  place?: Place;
  outcome?: Outcome;
}

/** Newest first; those of Node and of packages are left out. */
export function endedTasks({ snapshot, outcomes }: Program, sources: Sources): Ended[] {
  const all: Ended[] = [];
  for (const task of snapshot?.ended ?? []) {
    const place =
      snapshot === undefined || task.frame === undefined
        ? undefined
        : placeOf(framesOf([task.frame], snapshot), sources);
    if (place?.library !== undefined) continue;
    const outcome = outcomes.get(task.id);
    all.push({
      task,
      name: task.name ?? place?.name ?? '(unknown function)',
      ...(place === undefined ? {} : { place }),
      ...(outcome === undefined ? {} : { outcome }),
    });
  }
  return all;
}

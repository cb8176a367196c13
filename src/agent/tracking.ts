/** Starts the recording of promises, resources and labels, and tells how much is going on. */
import { startLabels } from './labels.ts';
import { promiseActivity, startPromises } from './promises.ts';
import { onSecondWaiter } from './shared-promises.ts';
import { resourceActivity, startResources } from './resources.ts';

export { sweep } from './promises.ts';

/** Starts everything; once for each thread, before the program's own code. */
export function startTracking(): void {
  startPromises(onSecondWaiter);
  startResources();
  startLabels();
}

/** Grows with every promise and resource made. */
export function activity(): number {
  return promiseActivity() + resourceActivity();
}

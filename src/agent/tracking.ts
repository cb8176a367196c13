/** Starts the recording of promises, resources and labels, and tells how much is going on. */
import { startCreationStacks } from './promises/creation-stacks.ts';
import { startDeadAwaits } from './promises/dead-awaits.ts';
import { guarded } from './faults.ts';
import { taskEnded } from './tree/history.ts';
import { tiedEnded } from './resources/tied-inside.ts';
import { startLabels } from './resources/labels.ts';
import { listenToPromises } from './promises/promise-listeners.ts';
import { memoryOf, type PromiseRecord } from './promises/promise-record.ts';
import { promiseActivity, startPromises, sweep as sweepPromises } from './promises/promises.ts';
import { startRejections } from './growth/rejections.ts';
import { startRequestNames } from './names/request-names.ts';
import { onFirstWaiter, onReadyWaiter, onSecondWaiter } from './promises/shared-promises.ts';
import { resourceActivity, settleRecent, startResources } from './resources/resources.ts';
import { pollEffects } from './stalls/stall-effects.ts';
import { poolActivity } from './pool/thread-pool.ts';
import { startUserLabels } from './names/user-labels.ts';

/** Starts everything; once for each thread, before the program's own code. */
export function startTracking(): void {
  listenToPromises({ onFirstWaiter, onReadyWaiter, onSecondWaiter, onNotedEnd });
  startPromises();
  startResources();
  startLabels();
  startRequestNames();
  startUserLabels();
  startCreationStacks();
  startRejections();
  startDeadAwaits();
}

function onNotedEnd(record: PromiseRecord, promise: object): void {
  if (record.notes?.task) endTask(record, promise);
  else tiedEnded(record);
}

/** On its own, for a function with a closure makes room for what that has in it at every call. */
function endTask(record: PromiseRecord, promise: object): void {
  guarded('task end', () => taskEnded(record, promise, memoryOf(record)), undefined);
}

/** Grows with every promise and resource made. */
export function activity(): number {
  return promiseActivity() + resourceActivity() + poolActivity();
}

/** Keeps what is watched from being kept alive by the watching; a bounded piece of work. */
export function sweep(): void {
  sweepPromises();
  settleRecent();
  pollEffects();
}

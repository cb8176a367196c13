/** What is known of a suspended task besides its place: its name, state, how often it went on, how long it was busy, and who started it. */
import type { TaskState } from '../../protocol/tasks.ts';
import { busyMs } from './busy.ts';
import { newCreators, type Creators, type Starter } from '../owners/creators.ts';
import { endedTask } from '../tree/history.ts';
import { taskLabel, tasksLabelled } from '../libraries/task-labels.ts';
import { taskId, type AwaitGraph } from '../owners/owners.ts';
import { callOf, memoryOf, PromiseRecord } from '../promises/promise-record.ts';
import { runningAwait } from '../stops/running-task.ts';
import { scopesMade } from './scopes.ts';
import { each, type Steps } from '../tree/slices.ts';
import { labelsGiven, openMarks } from './user-labels.ts';

/** The task that started another. */
export interface Creator {
  id: number;
  site?: number;
  label?: string;
  ended?: true;
  certain: boolean;
}

/** Facts of one task. */
export interface TaskFacts {
  label?: string;
  state: TaskState;
  resumptions: number;
  busyMs?: number;
  creator?: Creator;
  started?: readonly number[];
}

/** Answers for one moment. */
export interface FactsOfTasks {
  /** Whether any task has ever had a label. */
  hasLabels: boolean;
  of(wait: PromiseRecord): TaskFacts;
  labelOf(wait: PromiseRecord): string | undefined;
}

/** For the awaits of `graph`; remembers with each promise what its task was, for the time when it has settled. */
export function* taskFacts(graph: AwaitGraph, records: readonly PromiseRecord[]): Steps<FactsOfTasks> {
  const creators = yield* newCreators(graph, records);
  const marked = markedTasks(creators);
  const running = runningAwait();

  const hasLabels = scopesMade() > 0 || labelsGiven() || tasksLabelled();

  function labelOf(wait: PromiseRecord): string | undefined {
    if (!hasLabels) return undefined;
    const own = marked.get(taskId(wait)) ?? labelKept(wait.owner);
    return own ?? taskLabel(wait.owner) ?? creators.scopeLabel(wait);
  }

  function creatorOf({ id, wait, certain }: Starter): Creator | undefined {
    const memory = wait?.link === true && wait.owner !== null ? memoryOf(wait.owner) : undefined;
    const site = memory?.site ?? wait?.chain?.[0];
    if (wait !== undefined) {
      const label = memory?.label ?? labelOf(wait);
      return { id, ...(site === undefined ? {} : { site }), ...(label === undefined ? {} : { label }), certain };
    }
    const ended = endedTask(id);
    if (ended === undefined) return undefined;
    return {
      id,
      site: ended.site,
      ...(ended.label === undefined ? {} : { label: ended.label }),
      ended: true,
      certain: certain && !ended.inferred,
    };
  }

  // An async generator's promise is another one for each request.
  const promiseFor = (wait: PromiseRecord): PromiseRecord | undefined =>
    wait.owner?.isPending === true ? wait.owner : graph.likelyOwners.get(wait);
  yield* each(graph.news, (wait) => remember(wait, promiseFor(wait), labelOf, graph.isIncomplete));

  return {
    hasLabels,
    labelOf,
    of(wait) {
      const { owner } = wait;
      const label = labelOf(wait);
      const busy = busyMs(wait.call);
      const starter = owner === null ? undefined : creators.creator(owner);
      const creator = starter === undefined ? undefined : creatorOf(starter);
      const state = wait === running ? 'running' : wait.isReady ? 'ready' : 'waiting';
      return {
        ...(label === undefined ? {} : { label }),
        state,
        resumptions: (wait.call?.wentOn ?? 0) + (state === 'running' ? 1 : 0),
        ...(busy === undefined ? {} : { busyMs: busy }),
        ...(creator === undefined ? {} : { creator }),
        ...(owner?.notes?.started ? { started: owner.notes.started } : {}),
      };
    },
  };
}

function labelKept(owner: PromiseRecord | null): string | undefined {
  const task = owner?.notes?.task;
  return task instanceof PromiseRecord || task?.early === true ? undefined : task?.label;
}

/** With the promise that the task's call returned, or most likely did; `early`: not all awaits are known. */
function remember(
  wait: PromiseRecord,
  owner: PromiseRecord | undefined,
  labelOf: (wait: PromiseRecord) => string | undefined,
  early: boolean,
): void {
  const site = wait.chain?.[0];
  if (owner?.isPending !== true || site === undefined) return;
  const inferred = wait.owner !== owner;
  const notes = owner.note();
  const known = notes.task instanceof PromiseRecord ? null : notes.task;
  const isTold = known?.inferred === inferred && known.early !== true;
  if (isTold && known.wait === wait && known.site === site) return;
  // What was only likely, or told early, may have been wrong.
  const kept = isTold ? known.label : undefined;
  const label = kept ?? labelOf(wait);
  notes.site = site;
  const isPlain = !inferred && label === undefined;
  const memory = { id: taskId(wait), call: callOf(wait), wait, site, label, inferred };
  notes.task = isPlain ? wait : early && kept === undefined && label !== undefined ? { ...memory, early } : memory;
}

/** Labels by number of the task; the latest counts. */
function markedTasks(creators: Creators): Map<number, string> {
  const labels = new Map<number, string>();
  for (const { label, segment, seq, starter: by, begun } of openMarks()) {
    const starter = creators.runner(segment, seq, by);
    // A call that was begun before and is over may have been the one.
    if (starter === undefined || begun?.isPending === false) continue;
    labels.set(starter.id, label);
  }
  return labels;
}

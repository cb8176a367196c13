/** Tells one run of the program's code from the next within a turn of the loop: callbacks, ticks and reactions of promises. */
import { executionAsyncId } from 'node:async_hooks';
import type { Frame, StallKind } from '../../protocol/agent.ts';
import { position, runningRecord } from '../promises/promises.ts';
import { isOwnInterrupted } from '../stacks/stack.ts';

/** What runs now. */
export interface Run {
  kind: Extract<StallKind, 'callbacks' | 'microtasks' | 'ticks'>;
  /** Equal in two looks at the same run. */
  id: string;
  /** Of a reaction: the number of its promise, where that is known. */
  promise?: number;
  /** So many promises were made by then. */
  made: number;
}

const QUEUES = 'node:internal/process/task_queues';

/** `stack`: the program's, at this moment; without any, our hooks run only between two reactions. */
export function runningNow(stack: readonly Frame[]): Run {
  const { segment, seq: made } = position();
  const inJob = (segment & 1) === 1;
  if (stack.length === 0 && isOwnInterrupted()) return { ...ofJob(segment), made };
  const queue = stack.filter(({ file }) => file === QUEUES).map((frame) => frame.function);
  const kind = queue.includes('runMicrotask') ? 'microtasks' : queue.length > 0 ? 'ticks' : 'callbacks';
  return inJob ? { ...ofJob(segment), made } : { kind, id: `callback ${executionAsyncId()}`, made };
}

function ofJob(segment: number): Pick<Run, 'kind' | 'id' | 'promise'> {
  const promise = runningRecord()?.seq;
  return { kind: 'microtasks', id: `job ${segment}`, ...(promise === undefined ? {} : { promise }) };
}

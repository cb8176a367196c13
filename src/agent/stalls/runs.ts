/** Tells one run of the program's code from the next within a turn of the loop: callbacks, ticks and reactions of promises. */
import { executionAsyncId } from 'node:async_hooks';
import type { Frame, StallKind } from '../../protocol/agent.ts';
import { position } from '../promises/promises.ts';
import { isOwnInterrupted } from '../stacks/stack.ts';

/** What runs now. */
export interface Run {
  kind: Extract<StallKind, 'callbacks' | 'microtasks' | 'ticks'>;
  /** Equal in two looks at the same run. */
  id: string;
}

const QUEUES = 'node:internal/process/task_queues';

/** `stack`: the program's, at this moment; without any, our hooks run only between two reactions. */
export function runningNow(stack: readonly Frame[]): Run {
  const { segment } = position();
  const inJob = (segment & 1) === 1;
  if (stack.length === 0 && isOwnInterrupted()) return { kind: 'microtasks', id: `job ${segment}` };
  const queue = stack.filter(({ file }) => file === QUEUES).map((frame) => frame.function);
  const kind =
    inJob || queue.includes('runMicrotask') ? 'microtasks' : queue.length > 0 ? 'ticks' : ('callbacks' as const);
  return { kind, id: inJob ? `job ${segment}` : `callback ${executionAsyncId()}` };
}

/** Pending tasks as the threads, stack frames and variables of the debug adapter protocol. */
import type { Frame } from '../protocol/agent.ts';
import type { Location } from '../protocol/report.ts';
import { finalWait, type ChainTask } from '../model/chains.ts';
import type { Sources } from '../model/sources.ts';
import { pendingOf, taskName } from '../model/tree/tree-tasks.ts';
import { combinatorName, durationText, waitDetail } from '../model/wording/wording.ts';

/** More threads than this are of no use to anybody. */
export const MAX_THREADS = 200;

/** A task as a thread: the id is the task's own. */
export interface TaskThread {
  id: number;
  name: string;
}

/** One line of a task's stack; `label`: a line between two calls, not a place. */
export interface TaskFrame {
  kind: 'label' | 'user' | 'library';
  name: string;
  location?: Location;
  /** Whose variables are shown. */
  task: ChainTask;
}

/** The root tasks, "name ×N" when several equal ones are one. */
export function threadsOf(tasks: readonly ChainTask[]): TaskThread[] {
  return tasks.slice(0, MAX_THREADS).map((task) => {
    const count = task.node.count > 1 ? ` ×${task.node.count}` : '';
    return { id: task.node.id, name: `${taskName(task)}${count}` };
  });
}

/** The await chain of a task, innermost call first, with what it waits for on top. A chain that forks follows the first branch. */
export function framesOfTask(root: ChainTask, sources: Sources): TaskFrame[] {
  const path = [root];
  for (let next = root.children[0]; next !== undefined; next = next.children[0]) path.push(next);
  const frames: TaskFrame[] = [];
  for (const [index, task] of path.toReversed().entries()) {
    const label = index === 0 ? topLabel(task, path) : joint(task, path.at(-index));
    if (label !== undefined) frames.push({ kind: 'label', name: label, task });
    frames.push(...task.stack.map((frame) => placeFrame(frame, task, sources)));
  }
  return frames;
}

/** What is known of a task, as names and values. */
export function detailsOf(task: ChainTask): { name: string; value: string }[] {
  const { node } = task;
  const wait = finalWait(task);
  const { kind, ...facts } = wait?.facts ?? { kind: undefined };
  return [
    ...(wait === undefined ? [] : [{ name: 'waitsFor', value: waitDetail(wait.facts) }]),
    ...(kind === undefined ? [] : [{ name: 'kind', value: kind }]),
    ...(wait === undefined ? [] : [{ name: 'confidence', value: wait.confidence }]),
    { name: 'age', value: durationText(node.oldestMs) },
    ...(node.count > 1 ? [{ name: 'youngest', value: durationText(node.youngestMs) }] : []),
    { name: 'count', value: String(node.count) },
    ...(node.combinator === undefined ? [] : [{ name: 'combinator', value: combinatorName(node.combinator) }]),
    ...(node.detached === true ? [{ name: 'awaited', value: 'by nobody' }] : []),
    ...Object.entries(facts).flatMap(([name, value]) =>
      typeof value === 'object' ? [] : [{ name, value: String(value) }],
    ),
  ];
}

function topLabel(task: ChainTask, path: readonly ChainTask[]): string {
  const { cycle, wait } = task;
  if (cycle !== undefined) {
    const target = path.find(({ covers }) => covers.includes(cycle));
    return `waits for ${target === undefined ? `task ${cycle}` : taskName(target)} again: deadlock`;
  }
  return wait === undefined ? 'await' : `await ${waitDetail(wait.facts)}`;
}

function joint(task: ChainTask, awaited: ChainTask | undefined): string | undefined {
  if (task.node.kind === 'combinator') return `await ${combinatorName(task.node.combinator)}, ${pendingOf(task)}`;
  return task.stack.length > 0 && awaited?.node.kind !== 'combinator' ? 'await' : undefined;
}

function placeFrame(frame: Frame, task: ChainTask, sources: Sources): TaskFrame {
  const location = sources.locate(frame);
  const name = location?.function ?? (frame.function === '' ? '(anonymous)' : frame.function);
  if (location === undefined) return { kind: 'library', name: `${name} (${frame.file})`, task };
  return { kind: sources.isUser(frame) ? 'user' : 'library', name, location, task };
}

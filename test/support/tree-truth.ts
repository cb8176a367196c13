/** Compares a snapshot's tasks with the tree that a program is known to have. */
import type { Snapshot, TaskNode } from '../../src/protocol/agent.ts';
import type { TrueTask } from './random-programs.ts';

/** What a snapshot says against the truth, and how much of it is only likely. */
export interface Verdict {
  /** Each is a false statement, or a task that is missing. */
  problems: string[];
  tasks: number;
  inferred: number;
}

/** Compares `snapshot` with the truth. What it calls inferred may be wrong; what it calls exact may not. */
export function judge(snapshot: Snapshot, truth: { roots: TrueTask[]; all: TrueTask[] }): Verdict {
  const problems: string[] = [];
  const nodes: TaskNode[] = [];
  const collect = (list: readonly TaskNode[]): void => {
    for (const task of list) {
      nodes.push(task);
      collect(task.children);
    }
  };
  collect(snapshot.tasks);

  const labelOf = (task: TaskNode): string => {
    if (task.kind === 'combinator') return `Promise.${task.combinator}`;
    const frame = snapshot.frames[task.frames[0] ?? -1];
    return frame === undefined ? '' : `${frame.file}:${frame.line}`;
  };
  const leafOf = ({ wait }: TaskNode): string | undefined => {
    if (wait === undefined || wait.confidence !== 'exact') return undefined;
    return wait.facts.kind === 'timer' ? `${wait.facts.api} ${wait.facts.delayMs}` : wait.facts.kind;
  };
  const matches = (task: TaskNode, known: TrueTask): boolean => {
    if (labelOf(task) !== known.label || task.cycle !== undefined) return false;
    const leaf = leafOf(task);
    // Why a promise is pending is not always known; that it is one that no task settles is what counts here.
    if (leaf !== undefined && leaf !== known.leaf && (leaf !== 'promise' || known.leaf === undefined)) return false;
    return task.children
      .filter(
        ({ confidence, kind, wait }) => confidence === 'exact' && (kind !== 'promise' || wait?.confidence === 'exact'),
      )
      .every((child) =>
        known.children.some((below) => (child.index ?? below.index) === below.index && matches(child, below)),
      );
  };
  const draw = (task: TaskNode, indent = '  '): string =>
    `${indent}${labelOf(task)} ×${task.count} ${task.confidence} ${leafOf(task) ?? ''}\n${task.children.map((child) => draw(child, `${indent}  `)).join('')}`;

  for (const task of nodes) {
    if (labelOf(task) !== '' && !truth.all.some((known) => matches(task, known)))
      problems.push(`no task is like\n${draw(task)}`);
  }
  for (const root of snapshot.tasks) {
    if (root.confidence === 'exact' && !truth.roots.some((known) => matches(root, known)))
      problems.push(`no root is like\n${draw(root)}`);
  }
  problems.push(...compareCounts(nodes, labelOf, truth.all));
  return { problems, tasks: nodes.length, inferred: nodes.filter(({ confidence }) => confidence !== 'exact').length };
}

/** Every task is there, and once: by line. */
function compareCounts(
  nodes: readonly TaskNode[],
  labelOf: (task: TaskNode) => string,
  all: readonly TrueTask[],
): string[] {
  const ids = new Map<string, Set<number>>();
  for (const task of nodes) {
    const seen = ids.get(labelOf(task)) ?? new Set();
    for (const id of task.ids) seen.add(id);
    ids.set(labelOf(task), seen);
  }
  const labels = new Set([...ids.keys(), ...all.map(({ label }) => label)]);
  labels.delete('');
  return [...labels].flatMap((label) => {
    const expected = all.filter((task) => task.label === label).length;
    const found = ids.get(label)?.size ?? 0;
    return found === expected ? [] : [`${found} tasks at ${label}, there are ${expected}`];
  });
}

/** The truth as text. */
export function truthText(tasks: readonly TrueTask[], indent = '  '): string {
  return tasks
    .map(
      ({ label, index, leaf, children }) =>
        `${indent}${index === undefined ? '' : `[${index}] `}${label} ${leaf ?? ''}\n${truthText(children, `${indent}  `)}`,
    )
    .join('');
}

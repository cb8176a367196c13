/** Draws what a snapshot says of tasks beyond their place: names, states, how often they went on, who started them. */
import type { Snapshot, TaskNode } from '../../src/protocol/agent.ts';
import type { EndedTask, Outcome } from '../../src/protocol/tasks.ts';

/** One line for each task of the program, roots by name: `×2 function "name" [state] went on 2, by creator` (`~` marks a creator that is only likely). */
export function factLines(snapshot: Snapshot): string {
  const lines: string[] = [];
  const place = (index: number | undefined): string => snapshot.frames[index ?? -1]?.function ?? '?';
  const draw = (task: TaskNode, indent: string): void => {
    const creators = (task.creators ?? []).map(
      ({ name, frame, ended, confidence }) =>
        `by ${confidence === 'exact' ? '' : '~'}${name === undefined ? place(frame) : `"${name}"`}${ended ? ' (ended)' : ''}`,
    );
    const parts = [
      task.count > 1 ? `×${task.count}` : '',
      task.kind === 'combinator' ? `Promise.${task.combinator}` : place(task.frames[0]),
      task.name === undefined ? '' : `"${task.name}"`,
      task.state === undefined ? '' : `[${task.state}]`,
      task.resumptions === undefined ? '' : `went on ${task.resumptions}`,
      ...creators,
    ];
    lines.push(indent + parts.filter((part) => part !== '').join(' '));
    for (const child of task.children) draw(child, `${indent}  `);
  };
  const roots = snapshot.tasks.map((task) => {
    draw(task, '');
    return lines.splice(0).join('\n');
  });
  return roots.toSorted().join('\n');
}

/** One line for each task that is over, newest first (`~` marks one that is only likely). */
export function endedLines(snapshot: Snapshot, outcomes: readonly Outcome[]): string {
  return (snapshot.ended ?? []).map((task) => endedLine(task, snapshot, outcomes)).join('\n');
}

function endedLine(
  { id, name, frame, resumptions, confidence }: EndedTask,
  snapshot: Snapshot,
  outcomes: readonly Outcome[],
): string {
  const outcome = outcomes.find((each) => each.id === id);
  const called = name === undefined ? '' : ` "${name}"`;
  const result =
    outcome === undefined ? 'unknown' : `${outcome.state}${outcome.error === undefined ? '' : ` ${outcome.error}`}`;
  const likely = confidence === undefined ? '' : '~';
  return `${likely}${snapshot.frames[frame ?? -1]?.function}${called} went on ${resumptions}: ${result}`;
}

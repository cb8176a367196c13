/** Draws the tasks of a snapshot as the agent sent them, with every detail that matters for exactness; Node's own functions are left out. */
import type { Snapshot, TaskNode, Wait } from '../../src/protocol/agent.ts';

/** One line for each task of the program: count, function:line, and at the end of a chain what it waits for (`~` marks what is only likely). */
export function awaitTree(snapshot: Snapshot): string {
  const lines: string[] = [];
  for (const task of snapshot.tasks) draw(task, '', snapshot, lines);
  return lines.join('\n');
}

function draw(task: TaskNode, indent: string, snapshot: Snapshot, lines: string[]): void {
  const frame = snapshot.frames[task.frames[0] ?? -1];
  if (frame?.file.startsWith('node:') && task.children.length > 0) {
    for (const child of task.children) draw(child, indent, snapshot, lines);
    return;
  }
  const name =
    task.kind === 'combinator' ? `Promise.${task.combinator}` : frame && place(frame.file, frame.function, frame.line);
  const parts = [
    task.count > 1 ? `×${task.count}` : '',
    task.index === undefined ? '' : `[${task.index}]`,
    name ?? '',
    task.cycle === undefined ? '' : 'CYCLE',
    task.confidence === 'exact' ? '' : '~',
    task.wait === undefined ? '' : `-> ${wait(task.wait)}`,
  ];
  lines.push(indent + parts.filter((part) => part !== '').join(' '));
  for (const child of task.children) draw(child, `${indent}  `, snapshot, lines);
}

function place(file: string, name: string, line: number): string {
  return file.startsWith('node:') ? `(${name})` : `${name === '' ? '(anonymous)' : name}:${line}`;
}

function wait({ facts, confidence }: Wait): string {
  const likely = confidence === 'exact' ? '' : '~';
  switch (facts.kind) {
    case 'timer':
      return `${likely}${facts.api} ${facts.delayMs}`;
    case 'socket':
      return `${likely}socket ${facts.state}`;
    case 'http':
      return `${likely}http ${facts.method}`;
    case 'fs':
      return `${likely}fs ${facts.operation}`;
    case 'child-process':
      return `${likely}child process ${facts.command}`;
    case 'stream':
      return `${likely}stream ${facts.direction}`;
    default:
      return `${likely}${facts.kind}`;
  }
}

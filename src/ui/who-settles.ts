/** The command "Who Can Settle This?" of a task in the tree: asks the adapter and lists the steps. */
import * as vscode from 'vscode';
import type { Retainers } from '../protocol/dap.ts';
import { request } from './fetch.ts';
import type { Program, Store } from './state.ts';
import type { TasksNode } from './rows.ts';
import { openArguments } from './tree-item.ts';

/**
 * Answers for the task of a line of the tree; rejects with the adapter's message. The editor passes no line on when the tree is drawn anew while
 * the menu is open: then the user is asked which of `tasks` it was.
 */
export async function showWhoSettles(store: Store, line: TasksNode | undefined, tasks: TasksNode[]): Promise<void> {
  const node = line ?? (await pickTask(tasks));
  if (node === undefined) return;
  const program = store.programs().find(({ key }) => node.id.startsWith(`${key}/`));
  const { task } = node.item;
  if (program === undefined || task === undefined) throw new Error(`${node.item.label} is not known any more.`);
  if (program.ended) throw new Error(`${program.name} has ended; its heap is gone.`);
  let answer = await ask(program, task, false);
  if (answer.verdict === 'long') {
    const read = 'Read the Heap';
    if ((await vscode.window.showWarningMessage(answer.text, { modal: true }, read)) !== read) return;
    answer = await ask(program, task, true);
  }
  await show(node.item.label, answer);
}

async function pickTask(tasks: TasksNode[]): Promise<TasksNode | undefined> {
  if (tasks.length === 0) throw new Error('No task is pending.');
  const lines = tasks.map((node) => ({ label: node.item.label, description: node.item.description, node }));
  const options = { title: 'Who can settle which task?', matchOnDescription: true };
  return (await vscode.window.showQuickPick(lines, options))?.node;
}

function ask({ session, name }: Program, task: number, anyway: boolean): Thenable<Retainers> {
  const options = { location: vscode.ProgressLocation.Notification, title: `Async Lens: reading the heap of ${name}…` };
  return vscode.window.withProgress(options, () => request(session, 'asyncLens/retainers', { task, anyway }));
}

async function show(name: string, { verdict, text, steps }: Retainers): Promise<void> {
  const lines = steps.map((step) => ({
    label: step.text,
    description: step.location === undefined ? '' : placeOf(step.location),
    location: step.location,
  }));
  const nothing = { label: text, description: '', location: undefined };
  const picked = await vscode.window.showQuickPick(verdict === 'held' ? lines : [nothing], {
    title: `Who can settle ${name}?`,
    ignoreFocusOut: true,
    placeHolder:
      verdict === 'held' ? 'Nearest first; proved by a look at the heap. Choose a line to go to its source.' : '',
  });
  if (picked?.location) await vscode.commands.executeCommand('vscode.open', ...openArguments(picked.location));
}

function placeOf({ file, line }: { file: string; line: number }): string {
  return `${vscode.workspace.asRelativePath(file)}:${line}`;
}

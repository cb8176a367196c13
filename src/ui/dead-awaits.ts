/** The command "Find Dead Awaits": has the running programs collect all garbage, and lists the awaits that nothing can settle any more. */
import * as vscode from 'vscode';
import type { DeadAwaitSearch } from '../protocol/dap.ts';
import { request } from './fetch.ts';
import type { Program, Store } from './state.ts';
import { openArguments } from './tree-item.ts';

/** What one program answered; `problem` when it could not. */
interface Answer {
  program: Program;
  answer?: DeadAwaitSearch;
  problem?: string;
}

/** Asks all programs and worker threads at once; before a long standstill the user is asked. */
export async function findDeadAwaits(store: Store): Promise<void> {
  const programs = store.shown().filter(({ ended }) => !ended);
  if (programs.length === 0) {
    void vscode.window.showInformationMessage(
      'Async Lens: no program runs in which to find dead awaits. Start one first.',
    );
    return;
  }
  const answers = await withProgress(programs, false);
  const long = answers.filter(({ answer }) => answer?.verdict === 'long');
  const done = answers.filter(({ answer }) => answer?.verdict !== 'long');
  if (long.length > 0) {
    const collect = 'Collect Garbage';
    const question = textOf(long, answers.length > 1);
    if ((await vscode.window.showWarningMessage(question, { modal: true }, collect)) === collect)
      done.push(
        ...(await withProgress(
          long.map(({ program }) => program),
          true,
        )),
      );
  }
  await show(done);
}

function withProgress(programs: readonly Program[], anyway: boolean): Thenable<Answer[]> {
  const options = { location: vscode.ProgressLocation.Notification, title: 'Async Lens: looking for dead awaits…' };
  return vscode.window.withProgress(options, () => Promise.all(programs.map((program) => ask(program, anyway))));
}

async function ask(program: Program, anyway: boolean): Promise<Answer> {
  try {
    return { program, answer: await request(program.session, 'asyncLens/deadAwaits', { anyway }) };
  } catch (error) {
    return { program, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** With the programs' names when there are several. */
function textOf(answers: readonly Answer[], isNamed: boolean): string {
  return answers
    .map(({ program, answer, problem }) => `${isNamed ? `${program.name}: ` : ''}${answer?.text ?? problem ?? ''}`)
    .join('\n');
}

async function show(answers: readonly Answer[]): Promise<void> {
  const isNamed = answers.length > 1;
  const failed = answers.filter(({ problem }) => problem !== undefined);
  const found = answers.filter(({ answer }) => answer?.verdict === 'found');
  if (failed.length > 0) void vscode.window.showErrorMessage(`Async Lens: ${textOf(failed, isNamed)}`);
  if (found.length > 0) return showFound(found, isNamed);
  const [none, ...others] = answers.flatMap(({ answer }) => answer?.text ?? []);
  if (none === undefined) return;
  const text = others.length === 0 ? none : `${others.length + 1} programs and threads were looked at. ${none}`;
  void vscode.window.showInformationMessage(`Async Lens: ${text}`);
}

async function showFound(found: readonly Answer[], isNamed: boolean): Promise<void> {
  const lines = found.flatMap(({ program, answer }) =>
    (answer?.findings ?? []).map(({ message, location }) => ({
      label: location === undefined ? message : `${vscode.workspace.asRelativePath(location.file)}:${location.line}`,
      description: isNamed ? program.name : '',
      detail: message,
      location,
    })),
  );
  const picked = await vscode.window.showQuickPick(lines, {
    title: textOf(found, isNamed).replaceAll('\n', ' '),
    placeHolder: 'Proved: nothing is left that could settle these. Choose one to go to its line.',
    ignoreFocusOut: true,
    matchOnDetail: true,
  });
  if (picked?.location) await vscode.commands.executeCommand('vscode.open', ...openArguments(picked.location));
}

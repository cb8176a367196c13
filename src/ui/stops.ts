/** The commands that have the JavaScript debugger stop the program where it blocks; they change the settings. */
import * as vscode from 'vscode';
import { SECTION } from './settings.ts';

const DEFAULT_MS = 500;
/** Shorter stalls are not seen in time. Milliseconds. */
const LEAST_MS = 50;

/** Asks for the time from which a stall stops the program; nothing given: never. */
export async function askForStall(): Promise<void> {
  const section = vscode.workspace.getConfiguration(SECTION);
  const before = section.get<unknown>('breakOnStall');
  const value = await vscode.window.showInputBox({
    title: 'Pause when the loop is blocked for more than … milliseconds',
    prompt: 'The debugger stops at the line that runs. Leave it empty to never pause.',
    value: typeof before === 'number' ? String(before) : String(DEFAULT_MS),
    validateInput: (text) =>
      text.trim() === '' || Number(text) >= LEAST_MS ? undefined : `A number of milliseconds, ${LEAST_MS} or more`,
  });
  if (value === undefined) return;
  await update('breakOnStall', value.trim() === '' ? 'off' : Number(value));
}

/** Switches stops before blocking calls on or off. */
export async function toggleBeforeCalls(): Promise<void> {
  const on = vscode.workspace.getConfiguration(SECTION).get<boolean>('breakBeforeBlockingCall', false);
  await update('breakBeforeBlockingCall', !on);
  const told = on
    ? 'The program is not paused before blocking calls any more.'
    : 'The program is paused before each blocking call of its own code.';
  vscode.window.setStatusBarMessage(`Async Lens: ${told}`, 5000);
}

async function update(name: string, value: unknown): Promise<void> {
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration(SECTION).update(name, value, target);
}

/** Decides who collects asynchronous stacks in a session: the JavaScript debugger for every step, or Async Lens when the program is paused. */
import * as vscode from 'vscode';
import { SECTION } from './settings.ts';

/** What to add to a launch configuration; nothing where the user has decided about `showAsyncStacks` himself. */
export function asyncStackOptions(
  folder: vscode.WorkspaceFolder | undefined,
  configuration: vscode.DebugConfiguration,
): { showAsyncStacks?: false } {
  if ('showAsyncStacks' in configuration || choice(folder, configuration) !== 'lens') return {};
  return { showAsyncStacks: false };
}

function choice(folder: vscode.WorkspaceFolder | undefined, configuration: vscode.DebugConfiguration): unknown {
  const own: unknown = configuration['asyncLens'];
  if (typeof own === 'object' && own !== null && 'asyncStacks' in own) return own.asyncStacks;
  return vscode.workspace.getConfiguration(SECTION, folder ?? null).get<unknown>('asyncStacks');
}

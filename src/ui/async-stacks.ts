/** Decides who collects asynchronous stacks in a session: the JavaScript debugger for every step, or Async Lens when the program is paused. */
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { SECTION } from './settings.ts';

/** What the JavaScript debugger fills in before anybody else sees the configuration (js-debug 1.117), by type. */
const DEFAULTS: Record<string, unknown> = { 'pwa-node': true, 'node-terminal': { onceBreakpointResolved: 16 } };

/** What to change in a launch configuration; nothing where the user has decided about `showAsyncStacks` himself. */
export function asyncStackOptions(
  folder: vscode.WorkspaceFolder | undefined,
  configuration: vscode.DebugConfiguration,
): { showAsyncStacks?: false; asyncLens?: { asyncStacks: 'lens' } } {
  if (choice(folder, configuration) !== 'lens' || isDecided(folder, configuration)) return {};
  return { showAsyncStacks: false, asyncLens: { asyncStacks: 'lens' } };
}

/** Whether {@link asyncStackOptions} has changed this configuration of a root session. */
export function leavesStacksToUs(configuration: vscode.DebugConfiguration): boolean {
  return configuration['showAsyncStacks'] === false && choiceIn(configuration) === 'lens';
}

function choice(folder: vscode.WorkspaceFolder | undefined, configuration: vscode.DebugConfiguration): unknown {
  return (
    choiceIn(configuration) ?? vscode.workspace.getConfiguration(SECTION, folder ?? null).get<unknown>('asyncStacks')
  );
}

function choiceIn(configuration: vscode.DebugConfiguration): unknown {
  const own: unknown = configuration['asyncLens'];
  return typeof own === 'object' && own !== null && 'asyncStacks' in own ? own.asyncStacks : undefined;
}

/** A value that is also the default tells nothing: then launch.json is asked. */
function isDecided(
  folder: vscode.WorkspaceFolder | undefined,
  { type, name, showAsyncStacks }: vscode.DebugConfiguration,
): boolean {
  if (showAsyncStacks === undefined) return false;
  if (!isDeepStrictEqual(showAsyncStacks, DEFAULTS[type])) return true;
  const written = vscode.workspace.getConfiguration('launch', folder ?? null).get<unknown>('configurations');
  return Array.isArray(written) && written.some((one: unknown) => hasStacks(one, name));
}

function hasStacks(configuration: unknown, name: string): boolean {
  if (typeof configuration !== 'object' || configuration === null || !('name' in configuration)) return false;
  return configuration.name === name && 'showAsyncStacks' in configuration;
}

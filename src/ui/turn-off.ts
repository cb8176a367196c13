/** Turns a rule off in the settings: those of the workspace, or the user's own without one. */
import * as vscode from 'vscode';
import { SECTION } from './settings.ts';

/** Internal command of quick fixes, with a document of the folder and the rule as its arguments. */
export const TURN_OFF = 'asyncLens.turnOff';

/** What the settings say of other rules stays. */
export function registerTurnOff(): vscode.Disposable {
  return vscode.commands.registerCommand(TURN_OFF, async (uri: vscode.Uri, rule: string) => {
    const section = vscode.workspace.getConfiguration(SECTION, uri);
    const rules = section.inspect<Record<string, string>>('rules');
    const isOpen = vscode.workspace.workspaceFolders !== undefined;
    const target = isOpen ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
    const before = isOpen ? rules?.workspaceValue : rules?.globalValue;
    await section.update('rules', { ...before, [rule]: 'off' }, target);
  });
}

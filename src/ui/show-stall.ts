/** Selects in the tree what a diagnostic is about: the stall or blocking call itself, or at least the finding. */
import * as vscode from 'vscode';
import type { Findings } from './diagnostics.ts';
import type { TasksNode } from './rows.ts';
import type { TasksView } from './tasks-view.ts';

/** Id of the command; its arguments are the document, the line from 0 and the rule of a diagnostic. */
export const SHOW_STALL = 'asyncLens.showStall';

const KINDS: TasksNode['item']['kind'][] = ['stall', 'blocking-call', 'finding'];

/** Registers the command, which only the quick fixes use. */
export function registerShowStall(view: TasksView, findings: Findings): vscode.Disposable {
  return vscode.commands.registerCommand(SHOW_STALL, async (uri: vscode.Uri, line: number, rule: string) => {
    const location = findings.find(uri, line, rule)?.location;
    const isIt = (kind: string, { item }: TasksNode): boolean =>
      item.kind === kind && item.location?.file === location?.file && item.location?.line === location?.line;
    for (const kind of location ? KINDS : []) {
      if (await view.reveal((node) => isIt(kind, node))) return;
    }
    void vscode.window.showInformationMessage('Async Lens: this program is not shown any more.');
  });
}

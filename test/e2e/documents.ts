/** Files that a test changes in the editor. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** Makes the text what it was, saves it, and closes all editors. Not by reverting: VS Code may have saved the edits by itself, or be about to. */
export async function putBack(uri: vscode.Uri, source: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), source);
  assert.ok(await vscode.workspace.applyEdit(edit));
  assert.ok((await document.save()) || !document.isDirty);
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

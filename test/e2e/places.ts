/** Files and lines of the workspace under test. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';

/** The one folder that is open. */
export function workspaceFolder(): vscode.WorkspaceFolder {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return folder;
}

/** Absolute path of a file of the workspace. */
export function fileAt(name: string): string {
  return path.join(workspaceFolder().uri.fsPath, name);
}

/** Number, from 1, of the first line that contains `text`. */
export function lineOf(name: string, text: string): number {
  const index = readFileSync(fileAt(name), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text));
  assert.notEqual(index, -1, `${name} has no line with ${text}`);
  return index + 1;
}

/** _Open the Demo_: asks for a folder, copies the demo workspace into it and opens the copy; where the demo is open already, its tour. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { copyDemo } from './demo-copy.ts';

const README = 'README.md';

export async function openDemo(source: string): Promise<void> {
  const open = await openedDemo(source);
  if (open !== undefined) {
    await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(path.join(open, README)));
    return;
  }
  const chosen = await vscode.window.showOpenDialog({
    title: 'Where shall the demo be copied to?',
    openLabel: 'Copy the Demo Here',
    canSelectFiles: false,
    canSelectFolders: true,
    defaultUri: vscode.Uri.file(homedir()),
  });
  const parent = chosen?.[0];
  if (parent === undefined) return;
  if (parent.scheme !== 'file')
    throw new Error('The demo can only be copied to a folder of the machine where Async Lens runs.');
  const copy = await copyDemo(source, parent.fsPath);
  // A VS Code in a web page opens a file in a window of its own.
  const tour = vscode.env.uiKind === vscode.UIKind.Web ? [] : [vscode.Uri.file(path.join(copy, README))];
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(copy), {
    forceNewWindow: vscode.workspace.workspaceFolders !== undefined,
    filesToOpen: tour,
  });
}

/** The folder of this window that has the demo, if any. */
async function openedDemo(source: string): Promise<string | undefined> {
  const name = await packageName(source);
  if (name === undefined) return undefined;
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    if (uri.scheme === 'file' && (await packageName(uri.fsPath)) === name) return uri.fsPath;
  }
  return undefined;
}

async function packageName(folder: string): Promise<unknown> {
  try {
    const manifest: unknown = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    return typeof manifest === 'object' && manifest !== null && 'name' in manifest ? manifest.name : undefined;
  } catch {
    return undefined; // No package, so not the demo.
  }
}

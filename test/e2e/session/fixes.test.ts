/** Quiet hints at blocking calls in open files, and their quick fixes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { putBack } from '../documents.ts';
import { fileAt } from '../places.ts';
import { eventually } from '../waiting.ts';

const uri = vscode.Uri.file(fileAt('handler.js'));
const source = readFileSync(uri.fsPath, 'utf8');

async function hintsUntil(what: string, count: number): Promise<vscode.Diagnostic[]> {
  const hints = (): vscode.Diagnostic[] =>
    vscode.languages.getDiagnostics(uri).filter((one) => one.source === 'Async Lens');
  const look = (): vscode.Diagnostic[] | undefined => (hints().length === count ? hints() : undefined);
  return eventually(vscode.languages.onDidChangeDiagnostics, look, what, () => JSON.stringify(hints()));
}

describe('a blocking call that never ran', () => {
  afterEach(async () => {
    await putBack(uri, source);
  });

  it('gets a hint where it serves requests, and is made asynchronous by a quick fix', async () => {
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const [hint] = await hintsUntil('the hint', 1);
    assert.match(hint?.message ?? '', /^fs\.readFileSync blocks the event loop while it runs, in a request handler\./);
    assert.equal(hint?.severity, vscode.DiagnosticSeverity.Hint);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      hint.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const ours = actions.filter(({ title }) => /^(?:Replace|Ignore|Turn)/.test(title));
    assert.deepEqual(
      ours.map(({ title }) => title),
      [
        'Replace by await readFile, making the callback async',
        'Ignore blocking-call for this line',
        'Ignore blocking-call in this file',
        'Turn blocking-call off in the settings',
      ],
    );
    const [replace] = ours;
    assert.ok(replace?.edit && (await vscode.workspace.applyEdit(replace.edit)));
    assert.equal(
      document.getText(),
      source
        .replace("{ readFileSync } = require('node:fs')", "{ readFile } = require('node:fs/promises')")
        .replace('((request', '(async (request')
        .replace('readFileSync(', 'await readFile('),
    );
    await hintsUntil('no hint', 0);
  });
});

/** A loop in a handler that blocked: a quick fix moves it to a worker thread, after a look at the preview, and the program answers the same. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Run } from '../debugging.ts';
import { start, stopAll } from '../debugging.ts';
import { putBack } from '../documents.ts';
import { fileAt, lineOf } from '../places.ts';
import { eventually } from '../waiting.ts';
import { page, screenshot } from '../workbench.ts';

const ACTION = '.action-widget .monaco-list-row';
const PREVIEW = '.bulk-edit-panel';
const uri = vscode.Uri.file(fileAt('hash.js'));
const thread = fileAt('hash.createServerLoop.worker.js');

async function answer(run: Run): Promise<string> {
  await run.printed('ready');
  await run.evaluate('void ask()');
  await run.printed(' for sure');
  return /the answer is .* for sure/.exec(run.output())?.[0] ?? '';
}

describe('a loop that blocked', () => {
  let source = '';

  afterEach(async () => {
    await stopAll();
    rmSync(thread, { force: true });
    await putBack(uri, source);
  });

  it('is moved to a worker thread, and the program answers the same', async () => {
    const document = await vscode.workspace.openTextDocument(uri);
    source = document.getText();
    const editor = await vscode.window.showTextDocument(document);
    const line = lineOf('hash.js', 'for (let i') - 1;
    const before = await answer(await start('hash'));
    const stall = await eventually(
      vscode.languages.onDidChangeDiagnostics,
      () =>
        vscode.languages
          .getDiagnostics(uri)
          .find(({ message, range }) => range.start.line === line && message.includes(' held the event loop ')),
      'the stall',
      () => JSON.stringify(vscode.languages.getDiagnostics(uri)),
    );
    await stopAll();
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      stall.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const move = actions.find(({ title }) => title.startsWith('Move '));
    assert.equal(move?.title, 'Move this loop to a worker thread (check: the program goes on meanwhile)');
    assert.ok(move.edit);
    if (page) {
      editor.selection = new vscode.Selection(stall.range.start, stall.range.start);
      await vscode.commands.executeCommand('editor.action.quickFix');
      await page.click({ selector: ACTION, text: 'Move this loop' });
      await page.wait({ selector: PREVIEW, text: 'hash.js' });
      await screenshot('preview of a moved loop');
      assert.equal(document.getText(), source);
      await vscode.commands.executeCommand('refactorPreview.apply');
    } else assert.ok(await vscode.workspace.applyEdit(move.edit));
    const isMoved = (): true | undefined =>
      document.getText().includes('\n  x = await createServerLoopInWorker(x);\n') ? true : undefined;
    await eventually(vscode.workspace.onDidChangeTextDocument, isMoved, 'the change', () => document.getText());
    // VS Code may be about to save by itself.
    await document.save();
    const isSaved = (): true | undefined => (document.isDirty ? undefined : true);
    await eventually(vscode.workspace.onDidSaveTextDocument, isSaved, 'the change to be saved');
    assert.ok(existsSync(thread), 'there is no file for the thread');
    assert.equal(await answer(await start('hash')), before);
  });
});

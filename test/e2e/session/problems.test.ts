/** What can be clicked at a problem: the link to the page of its rule, and a quick fix that has to be looked at before it is made. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { start, stopAll } from '../debugging.ts';
import { viewWith } from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';
import { eventually } from '../waiting.ts';
import { page, screenshot } from '../workbench.ts';

const ROW = '.markers-panel .monaco-list-row';
const ACTION = '.action-widget .monaco-list-row';
const BULB = '.lightBulbWidget, .codicon-gutter-lightbulb, .codicon-gutter-lightbulb-auto-fix';
const PREVIEW = '.bulk-edit-panel';

async function problemOf(file: string, rule: string): Promise<vscode.Diagnostic> {
  const uri = vscode.Uri.file(fileAt(file));
  const ruleOf = ({ code }: vscode.Diagnostic): unknown => (typeof code === 'object' ? code.value : code);
  const find = (): vscode.Diagnostic | undefined =>
    vscode.languages.getDiagnostics(uri).find((one) => ruleOf(one) === rule);
  return eventually(vscode.languages.onDidChangeDiagnostics, find, `${rule} in ${file}`);
}

function openTabs(): string[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
}

describe('a problem', () => {
  afterEach(async () => {
    await stopAll();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('has a link to the page of its rule', async () => {
    const run = await start('shop');
    await viewWith('fetchPrice');
    await run.evaluate('shop.block()');
    const { code } = await problemOf('src/shop.ts', 'event-loop-stall');
    assert.ok(typeof code === 'object');
    await vscode.commands.executeCommand('workbench.actions.view.problems');
    if (!page) return;
    await page.click({ selector: `${ROW} a`, text: 'event-loop-stall' });
    const isOpen = (): true | undefined =>
      openTabs().some((label) => label.includes('event-loop-stall.md')) ? true : undefined;
    await eventually(vscode.window.tabGroups.onDidChangeTabs, isOpen, 'the page', () => openTabs().join(', '));
    await screenshot('page of a rule');
  });

  it('opens a fix that is not obviously safe as a preview', async () => {
    const document = await vscode.workspace.openTextDocument(fileAt('exported.js'));
    const before = document.getText();
    const editor = await vscode.window.showTextDocument(document);
    const hint = await problemOf('exported.js', 'blocking-call');
    assert.equal(hint.range.start.line + 1, lineOf('exported.js', `readFileSync('index`));
    editor.selection = new vscode.Selection(hint.range.start, hint.range.start);
    if (!page) return;
    // Asked for by its command, the menu does not open as long as the language server is loading.
    await page.click({ selector: BULB });
    await page.wait({ selector: ACTION, text: '(check:' });
    await screenshot('quick fixes');
    await page.click({ selector: ACTION, text: '(check:' });
    await page.wait({ selector: PREVIEW, text: 'exported.js' });
    await screenshot('preview of a fix');
    assert.equal(document.getText(), before);
    await vscode.commands.executeCommand('refactorPreview.discard');
    assert.equal(document.getText(), before);
  });
});

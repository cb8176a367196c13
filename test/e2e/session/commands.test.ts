/** The commands on what the tree and Problems show. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Report } from '../../../src/protocol/report.ts';
import { start, stopAll } from '../debugging.ts';
import type { Run } from '../debugging.ts';
import { lineShown, openTree, viewWhere, viewWith } from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';
import { eventually } from '../waiting.ts';
import { page, screenshot } from '../workbench.ts';

const SHOP = 'src/shop.ts';
const PICKER = '.quick-input-widget';

function findings(): vscode.Diagnostic[] {
  const all = vscode.languages.getDiagnostics(vscode.Uri.file(fileAt(SHOP)));
  return all.filter(({ source }) => source === 'Async Lens');
}

async function findingsUntil(what: string, fits: (all: vscode.Diagnostic[]) => boolean): Promise<vscode.Diagnostic[]> {
  const look = (): vscode.Diagnostic[] | undefined => (fits(findings()) ? findings() : undefined);
  const state = (): string => JSON.stringify(findings());
  return eventually(vscode.languages.onDidChangeDiagnostics, look, what, state);
}

/** A shop that has been blocked once, with the whole stall told. */
async function blockedShop(): Promise<Run> {
  const run = await start('shop');
  await run.printed('the shop is open');
  await viewWith('fetchPrice');
  await run.evaluate('shop.block()');
  await viewWhere('the ended stall', ({ text }) => /countPrimes +\d/.test(text) && !text.includes('so far'));
  await findingsUntil('the finding', (all) => all.length === 1);
  return run;
}

async function edit(change: (edits: vscode.WorkspaceEdit, file: vscode.Uri) => void): Promise<void> {
  const edits = new vscode.WorkspaceEdit();
  change(edits, vscode.Uri.file(fileAt(SHOP)));
  assert.ok(await vscode.workspace.applyEdit(edits));
}

describe('the command', () => {
  afterEach(async () => {
    await stopAll();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('Copy Tree as Text puts the text of the tree into the clipboard', async () => {
    const run = await start('shop');
    await viewWith('fetchPrice');
    await run.evaluate('shop.close()');
    await run.ended();
    const { text } = await viewWhere('state ended', ({ state }) => state === 'ended');
    await vscode.commands.executeCommand('asyncLens.copyTree');
    assert.equal(await vscode.env.clipboard.readText(), text);
  });

  it('Show Report opens the report of a running program and of an ended one', async () => {
    const run = await start('shop');
    await viewWith('fetchPrice');
    await vscode.commands.executeCommand('asyncLens.showReport');
    assert.equal(reportShown().process.exitCode, null);
    assert.ok(existsSync(reportShown().tasks[0]?.location?.file ?? 'no task'));
    await run.evaluate('shop.close()');
    await run.ended();
    await viewWhere('state ended', ({ state }) => state === 'ended');
    await vscode.commands.executeCommand('asyncLens.showReport');
    assert.equal(reportShown().process.exitCode, 3);
  });

  it('Clear Findings empties Problems until something happens again', async () => {
    const run = await blockedShop();
    await vscode.commands.executeCommand('asyncLens.clearFindings');
    await findingsUntil('no finding', (all) => all.length === 0);
    await run.evaluate('shop.block()');
    const [again] = await findingsUntil('the finding of the second time', (all) => all.length === 1);
    assert.match(again?.message ?? '', /2 times/);
    await viewWhere(
      'the second stall ended',
      ({ text }) => text.includes('countPrimes ×2') && !text.includes('so far'),
    );
    await run.evaluate('shop.close()');
    await run.ended();
    await findingsUntil('both findings', (all) => all.length === 2);
    await vscode.commands.executeCommand('asyncLens.clearFindings');
    await findingsUntil('no finding', (all) => all.length === 0);
  });

  it('Find Dead Awaits lists what nothing can settle any more, and says when there is nothing', async () => {
    const run = await start('idle');
    await run.printed('idle');
    await viewWith('idle.js');
    await vscode.commands.executeCommand('asyncLens.findDeadAwaits');
    if (page) await page.wait({ selector: '.notifications-toasts', text: 'No dead await' });
    await run.evaluate('idle.serve()');
    // Younger ones are kept by those who look; V8 may find older ones by itself.
    await viewWhere('an await of some age', ({ text }) => /pick.* \d+(?:\.\d)? s$|can never go on/m.test(text));
    if (!page) return;
    void vscode.commands.executeCommand('asyncLens.findDeadAwaits');
    await page.wait({ selector: `${PICKER} .monaco-list-row`, text: 'idle.js:' });
    await screenshot('dead awaits');
    await page.click({ selector: `${PICKER} .monaco-list-row`, text: 'idle.js:' });
    const editor = (): string | undefined => vscode.window.activeTextEditor?.document.fileName;
    const isOpen = (): true | undefined => (editor()?.endsWith('idle.js') === true ? true : undefined);
    await eventually(vscode.window.onDidChangeActiveTextEditor, isOpen, 'its file', () => String(editor()));
  });

  it('Pause Updates lets the tree stand still until Resume Updates', async () => {
    const run = await start('idle');
    await run.printed('idle');
    await openTree();
    await viewWith('idle.js');
    await vscode.commands.executeCommand('asyncLens.pauseUpdates');
    if (page) await page.wait({ selector: '.pane-body', text: 'Updates are paused.' });
    await run.evaluate('idle.serve()');
    await vscode.commands.executeCommand('asyncLens.resumeUpdates');
    await viewWith('pick');
    await lineShown('pick');
  });
});

describe('a finding in Problems', () => {
  const source = readFileSync(fileAt(SHOP), 'utf8');
  afterEach(async () => {
    await stopAll();
    // Not reverted: VS Code may have saved the edits by itself, or be about to.
    const document = await vscode.workspace.openTextDocument(fileAt(SHOP));
    await edit((edits, file) => edits.replace(file, new vscode.Range(0, 0, document.lineCount, 0), source));
    assert.ok((await document.save()) || !document.isDirty);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal(readFileSync(fileAt(SHOP), 'utf8'), source);
  });

  it('moves with its line and is dropped when its line is edited', async () => {
    await blockedShop();
    const line = findings()[0]?.range.start.line ?? Number.NaN;
    await vscode.window.showTextDocument(vscode.Uri.file(fileAt(SHOP)));
    await edit((edits, file) => edits.insert(file, new vscode.Position(0, 0), '\n'));
    const [moved] = await findingsUntil('the moved finding', ([first]) => first?.range.start.line === line + 1);
    assert.ok(moved);
    await edit((edits, file) => edits.insert(file, new vscode.Position(lineOf(SHOP, 'function visit'), 0), '\n'));
    assert.equal(findings().length, 1, 'an edit below it');
    await edit((edits, file) => edits.insert(file, moved.range.start, ' '));
    await findingsUntil('no finding', (all) => all.length === 0);
  });
});

function reportShown(): Report {
  const document = vscode.window.activeTextEditor?.document;
  assert.equal(document?.languageId, 'json');
  assert.equal(document.isDirty, false, 'the next session would ask to save it');
  return JSON.parse(document.getText()) as Report;
}

describe('the chat', () => {
  afterEach(stopAll);

  it('has a tool that reads the tree', async () => {
    await start('shop');
    await viewWith('fetchPrice');
    assert.ok(vscode.lm.tools.some(({ name }) => name === 'asyncLens_tasks'));
    const { content } = await vscode.lm.invokeTool('asyncLens_tasks', { input: {}, toolInvocationToken: undefined });
    const [part] = content;
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    assert.match(part.value, /^shop\.js +running[^]*fetchPrice/);
  });
});

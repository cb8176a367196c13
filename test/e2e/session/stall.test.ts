/** A stall of the event loop: told in the tree and in Problems, at the line that caused it. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { pressF5, stopAll } from '../debugging.ts';
import { lineShown, openTree, viewWhere, viewWith } from '../lens.ts';
import { fileAt, lineOf } from '../places.ts';
import { eventually } from '../waiting.ts';
import { page, screenshot } from '../workbench.ts';

const PROBLEMS = '.markers-panel .monaco-list-row';

describe('a stall', () => {
  afterEach(stopAll);

  it('becomes a warning at the culprit line, in Problems and in the tree', async () => {
    const run = await pressF5();
    await run.printed('the shop is open');
    await openTree();
    await viewWith('fetchPrice');
    await run.evaluate('shop.block()');
    const uri = vscode.Uri.file(fileAt('src/shop.ts'));
    const warning = await eventually(
      vscode.languages.onDidChangeDiagnostics,
      () => vscode.languages.getDiagnostics(uri).find((diagnostic) => isStall(diagnostic) && isWarning(diagnostic)),
      'the warning',
      () => JSON.stringify(vscode.languages.getDiagnostics(uri)),
    );
    const loop = lineOf('src/shop.ts', 'performance.now() < end');
    assert.ok([loop, loop + 1].includes(warning.range.start.line + 1), `at line ${warning.range.start.line + 1}`);
    assert.equal(warning.source, 'Async Lens');
    // Told while it lasts; then with its whole length, about 600 ms.
    const isWhole = ({ text }: { text: string }): boolean => /countPrimes +\d/.test(text) && !text.includes('so far');
    const view = await viewWhere('the ended stall', isWhole);
    const length = /countPrimes +(\d+) ms/.exec(view.text)?.[1];
    assert.ok(Number(length) >= 400, view.text);
    await lineShown('countPrimes');
    await lineShown(`${length} ms`);
    await vscode.commands.executeCommand('workbench.actions.view.problems');
    if (page) {
      await page.wait({ selector: PROBLEMS, text: `${length} ms` });
      const problems = (await page.texts(PROBLEMS)).join('\n');
      assert.match(problems, /countPrimes/);
      assert.match(problems, /event-loop-stall/);
    }
    await screenshot('stall');
  });
});

function isStall({ code }: vscode.Diagnostic): boolean {
  return (typeof code === 'object' ? code.value : code) === 'event-loop-stall';
}

/** A stall is told from 50 ms on as information and becomes a warning at 100 ms, while it lasts. */
function isWarning({ severity }: vscode.Diagnostic): boolean {
  return severity === vscode.DiagnosticSeverity.Warning;
}

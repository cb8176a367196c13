/** Writes at the end of the culprit's line what blocks the event loop, counting up while it lasts, and how long it took afterwards. */
import * as vscode from 'vscode';
import { fileKey } from './file-key.ts';
import { SECTION } from './settings.ts';
import type { StallLine, StallLines } from './stall-lines.ts';
import { blockedOnceText, blockedText } from './stall-text.ts';

const TICK_MS = 100;
const MARGIN = '0 0 0 3em';
const END_OF_LINE = Number.MAX_SAFE_INTEGER;

/** Draws the lines in all visible editors; the setting `asyncLens.stall.inline` switches it off. */
export function registerStallDecorations(lines: StallLines): vscode.Disposable {
  const now = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('diffEditor.removedLineBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorWarning.foreground'),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
    after: { margin: MARGIN, color: new vscode.ThemeColor('editorWarning.foreground'), fontWeight: 'bold' },
  });
  const over = vscode.window.createTextEditorDecorationType({
    after: { margin: MARGIN, color: new vscode.ThemeColor('editorCodeLens.foreground') },
  });
  let timer: NodeJS.Timeout | undefined;
  let drawn = false;
  const draw = (): void => {
    const told = isOn() ? lines.all() : [];
    // The store changes several times a second.
    if (told.length === 0 && !drawn) return;
    drawn = told.length > 0;
    for (const editor of vscode.window.visibleTextEditors) {
      const key = fileKey(editor.document.uri);
      const here = told.filter((line) => fileKey(line.uri) === key && line.range.end.line < editor.document.lineCount);
      editor.setDecorations(
        now,
        here.flatMap(({ range, open }) => (open ? [atEnd(range, blockedText(open, Date.now()))] : [])),
      );
      editor.setDecorations(over, here.flatMap(afterwards));
    }
    if (told.some(({ open }) => open)) timer ??= setInterval(draw, TICK_MS);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  };
  return vscode.Disposable.from(
    now,
    over,
    lines.onDidChange(draw),
    vscode.window.onDidChangeVisibleTextEditors(draw),
    vscode.workspace.onDidChangeConfiguration(
      (event) => event.affectsConfiguration(`${SECTION}.stall.inline`) && draw(),
    ),
    { dispose: () => clearInterval(timer) },
  );
}

function isOn(): boolean {
  return vscode.workspace.getConfiguration(SECTION).get<boolean>('stall.inline', true);
}

function afterwards({ range, open, lastMs, count, totalMs }: StallLine): vscode.DecorationOptions[] {
  if (open || lastMs === undefined) return [];
  return [atEnd(range, blockedOnceText({ lastMs, count, totalMs }))];
}

function atEnd({ end }: vscode.Range, contentText: string): vscode.DecorationOptions {
  return {
    range: new vscode.Range(end.line, END_OF_LINE, end.line, END_OF_LINE),
    renderOptions: { after: { contentText } },
  };
}

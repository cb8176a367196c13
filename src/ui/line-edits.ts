/** Follows a line of a document while the user edits. */
import * as vscode from 'vscode';

/** Where the lines of `range` are after the change; undefined when the change touches them. */
export function afterEdit(
  range: vscode.Range,
  change: vscode.TextDocumentContentChangeEvent,
): vscode.Range | undefined {
  if (change.range.start.line > range.end.line) return range;
  if (change.range.end.line >= range.start.line) return undefined;
  const delta = change.text.split('\n').length - 1 - (change.range.end.line - change.range.start.line);
  return delta === 0 ? range : new vscode.Range(range.start.translate(delta), range.end.translate(delta));
}

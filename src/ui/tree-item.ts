/** Draws one line of the tree: icon, colour, tooltip, what a click does and what a screen reader says. */
import * as vscode from 'vscode';
import type { TreeItem } from '../protocol/dap.ts';
import type { Location, Severity } from '../protocol/report.ts';
import { EXPLAIN, explanationOf } from './rule-help.ts';

const SEVERITY_COLORS: Record<Severity, string> = {
  error: 'testing.iconFailed',
  warning: 'charts.yellow',
  info: 'charts.blue',
};

const KIND_COLORS: Partial<Record<TreeItem['kind'], string>> = {
  process: 'debugIcon.startForeground',
  task: 'charts.blue',
  resource: 'charts.purple',
  stall: 'charts.orange',
  'blocking-call': 'charts.orange',
};

const KIND_WORDS: Record<TreeItem['kind'], string> = {
  process: 'process',
  section: 'section',
  task: 'task',
  resource: 'resource',
  stall: 'stall',
  'blocking-call': 'blocking call',
  finding: 'finding',
  message: 'note',
};

const OPEN_AT_FIRST = new Set<TreeItem['kind']>(['process', 'section', 'task']);

/**
 * The line for `item`; `id` must be unique in the view. The editor remembers for each id whether it is open, and takes one that had no children
 * for closed; it is another line until it has some. Without a tooltip.
 */
export function drawItem(item: TreeItem, id: string): vscode.TreeItem {
  const drawn = new vscode.TreeItem(item.title ?? item.label, collapsibleState(item));
  drawn.id = item.children.length === 0 ? `${id}/empty` : id;
  drawn.description = item.summary ?? item.description;
  drawn.iconPath = new vscode.ThemeIcon(item.icon, color(item));
  // The menu offers what can be done with a task, and those that are over are only told of.
  drawn.contextValue = item.kind === 'task' && item.task === undefined ? 'ended' : item.kind;
  drawn.accessibilityInformation = { label: spoken(item) };
  if (item.location) {
    drawn.command = { command: 'vscode.open', title: 'Go to Source', arguments: openArguments(item.location) };
  }
  return drawn;
}

/** What hovering shows, drawn when somebody does: nothing in it is read as Markdown of the program's. */
export function drawTooltip(item: TreeItem): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendMarkdown(`**${plain(item.label)}**`);
  if (item.description) text.appendMarkdown(`\n\n${plain(item.description)}`);
  if (item.tooltip) text.appendCodeblock(item.tooltip, 'text');
  if (item.location) text.appendMarkdown(`\n\n${plain(placeOf(item.location))}`);
  if (item.rule) {
    text.isTrusted = { enabledCommands: [EXPLAIN] };
    text.appendMarkdown(`\n\n[What ${item.rule} means](${explanationOf(item.rule).toString()})`);
  }
  return text;
}

/** Text as it is; `appendText` would not let it wrap, and what is too long for one line be cut off (VS Code 1.139). */
const plain = (text: string): string => text.replaceAll(/[\\`*_{}[\]()#+\-!~<>&|:.]/g, '\\$&').replaceAll(/\s+/g, ' ');

/** Arguments of `vscode.open` that put the cursor on the place. */
export function openArguments({ file, line, column }: Location): [vscode.Uri, vscode.TextDocumentShowOptions] {
  const position = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  return [vscode.Uri.file(file), { selection: new vscode.Range(position, position), preview: true }];
}

function placeOf({ file, line, column, function: name }: Location): string {
  const place = `${vscode.workspace.asRelativePath(file)}:${line}:${column}`;
  return name === undefined ? place : `${name} at ${place}`;
}

function collapsibleState({
  kind,
  collapsed = !OPEN_AT_FIRST.has(kind),
  children,
}: TreeItem): vscode.TreeItemCollapsibleState {
  if (children.length === 0) return vscode.TreeItemCollapsibleState.None;
  return collapsed ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.Expanded;
}

function color({ severity, kind, icon }: TreeItem): vscode.ThemeColor | undefined {
  if (icon === 'debug-stop') return new vscode.ThemeColor('disabledForeground');
  const name = severity ? SEVERITY_COLORS[severity] : KIND_COLORS[kind];
  return name === undefined ? undefined : new vscode.ThemeColor(name);
}

function spoken({ kind, label, title = label, description, summary = description, severity }: TreeItem): string {
  // A title without what the row has no room for is of no use here, one with rounded times is: the row is drawn again for no other.
  const name = kind === 'resource' ? title : label;
  return [severity, KIND_WORDS[kind], name, summary].filter(Boolean).join(', ');
}

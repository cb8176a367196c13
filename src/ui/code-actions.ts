/** Offers the quick fixes of our diagnostics: an asynchronous counterpart, a worker, what silences the rule, and the stall in the tree. */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { SHOW_STALL } from './show-stall.ts';
import { SOURCE } from './diagnostics.ts';
import type { Examine } from './examine.ts';
import { DOCUMENTS } from './examine.ts';
import type { Fix } from './fixes/fix.ts';
import type { Examined } from './fixes/main.ts';
import { TURN_OFF } from './turn-off.ts';

const BLOCKS = new Set(['blocking-call', 'event-loop-stall', 'microtask-starvation']);

/** Registers the provider for JavaScript and TypeScript. */
export function registerCodeActions(examine: Examine): vscode.Disposable {
  const provider: vscode.CodeActionProvider = {
    provideCodeActions(document, _range, { diagnostics }) {
      const ours = diagnostics.filter(({ source }) => source === SOURCE);
      const examined = ours.length > 0 ? examine(document) : undefined;
      const actions = ours.flatMap((diagnostic) => actionsFor(document, examined, diagnostic));
      // Two rules may tell of one line.
      return actions.filter(({ title }, index) => actions.findIndex((other) => other.title === title) === index);
    },
  };
  return vscode.languages.registerCodeActionsProvider(DOCUMENTS, provider, {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
  });
}

function actionsFor(
  document: vscode.TextDocument,
  examined: Examined | undefined,
  diagnostic: vscode.Diagnostic,
): vscode.CodeAction[] {
  const { line } = diagnostic.range.start;
  const rule = ruleOf(diagnostic);
  const action = (fix: Fix | undefined, isPreferred = false): vscode.CodeAction[] =>
    fix === undefined ? [] : toAction(document, fix, diagnostic, isPreferred);
  const silence = [
    ...action(examined?.ignore(line, rule)),
    ...action(examined?.ignoreInFile(rule)),
    turnOffAction(document, diagnostic),
  ];
  if (rule === 'serial-awaits') return [...action(examined?.together(line)), ...silence];
  if (!BLOCKS.has(rule)) return silence;
  const show = diagnostic.severity === vscode.DiagnosticSeverity.Hint ? [] : [showAction(document, diagnostic)];
  if (rule === 'microtask-starvation') return [...silence, ...show];
  const replacements = examined?.replacements(line) ?? [];
  const isCall = examined?.calls().some(({ start }) => document.positionAt(start).line === line) ?? false;
  return [
    ...replacements.flatMap((fix) => action(fix, fix.cautions.length === 0)),
    ...(isCall || rule === 'blocking-call' ? [] : [...action(examined?.worker(line)), ...action(examined?.loop(line))]),
    ...silence,
    ...show,
  ];
}

function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

/** A change that is not obviously safe opens as a preview. */
function toAction(
  document: vscode.TextDocument,
  { title, cautions, edits, newFile }: Fix,
  diagnostic: vscode.Diagnostic,
  isPreferred: boolean,
): vscode.CodeAction[] {
  const [caution] = cautions;
  const edit = new vscode.WorkspaceEdit();
  const metadata = caution === undefined ? undefined : { needsConfirmation: false, label: title };
  if (caution !== undefined) addDoubt(edit, document, diagnostic, cautions);
  if (newFile) {
    const uri = vscode.Uri.joinPath(document.uri, '..', newFile.name);
    if (existsSync(uri.fsPath)) return [];
    edit.createFile(uri, { contents: Buffer.from(newFile.text) }, metadata);
  }
  for (const { start, end, text } of edits) {
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    edit.replace(document.uri, range, text, metadata);
  }
  const warning = caution === undefined ? '' : ` (check: ${caution}${cautions.length > 1 ? '…' : ''})`;
  const action = new vscode.CodeAction(`${title}${warning}`, vscode.CodeActionKind.QuickFix);
  return [Object.assign(action, { edit, diagnostics: [diagnostic], isPreferred })];
}

/**
 * An edit that changes nothing and needs confirmation: VS Code (1.139) then opens its preview, in which only what needs confirmation is not ticked. If the
 * changes themselves needed it, "Apply" would do nothing before each of them is ticked, and a part of them without the rest would break the program.
 */
function addDoubt(
  edit: vscode.WorkspaceEdit,
  document: vscode.TextDocument,
  { range }: vscode.Diagnostic,
  cautions: readonly string[],
): void {
  const label = `Check: ${cautions.join('; ')}`;
  const start = new vscode.Position(range.start.line, 0);
  edit.insert(document.uri, start, '', { needsConfirmation: true, label });
}

function turnOffAction({ uri }: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction {
  const rule = ruleOf(diagnostic);
  const action = new vscode.CodeAction(`Turn ${rule} off in the settings`, vscode.CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  action.command = { command: TURN_OFF, title: action.title, arguments: [uri, rule] };
  return action;
}

function showAction(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction {
  const action = new vscode.CodeAction('Show in Async Tasks', vscode.CodeActionKind.QuickFix);
  action.diagnostics = [diagnostic];
  const args = [document.uri, diagnostic.range.start.line, ruleOf(diagnostic)];
  action.command = { command: SHOW_STALL, title: action.title, arguments: args };
  return action;
}

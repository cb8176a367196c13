/** Hints at blocking calls in open documents before they ever ran: in async functions, request handlers and listeners. */
import * as vscode from 'vscode';
import { asyncAdvice } from '../model/rules/advice.ts';
import { SOURCE } from './diagnostics.ts';
import type { Examine } from './examine.ts';
import { DOCUMENTS } from './examine.ts';
import { mayBlock } from './fixes/worth.ts';
import { hintedCalls } from './hinted-calls.ts';
import type { RuleHelp } from './rule-help.ts';
import { lensSettings, SECTION } from './settings.ts';

/** The user has stopped typing for so long. Milliseconds. */
const QUIET_MS = 400;
const RULE = 'blocking-call';
const EVIDENCE = new Set(['blocking-call', 'event-loop-stall']);

/** Looks into documents when they are opened and after every edit; what was seen in a run says more and takes the place of the hint. */
export function registerStaticHints(examine: Examine, help: RuleHelp, log: vscode.LogOutputChannel): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection(`${SOURCE}: hints`);
  const timers = new Map<string, NodeJS.Timeout>();

  const look = (document: vscode.TextDocument): void => {
    try {
      const hints = isOn(document) ? hintsOf(document, examine, help) : [];
      if (!sameAs(collection.get(document.uri) ?? [], hints)) collection.set(document.uri, hints);
    } catch (error) {
      log.error(`${document.uri.fsPath} was not looked into: ${String(error)}`);
    }
  };
  const soon = (document: vscode.TextDocument): void => {
    if (vscode.languages.match(DOCUMENTS, document) === 0) return;
    const key = document.uri.toString();
    clearTimeout(timers.get(key));
    const timer = setTimeout(() => {
      timers.delete(key);
      if (!document.isClosed) look(document);
    }, QUIET_MS);
    timers.set(key, timer);
  };
  const all = (): void => vscode.workspace.textDocuments.forEach(soon);

  all();
  return vscode.Disposable.from(
    collection,
    vscode.workspace.onDidOpenTextDocument(soon),
    vscode.workspace.onDidChangeTextDocument(({ document }) => soon(document)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => collection.delete(uri)),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(SECTION) && all()),
    vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      const changed = new Set(uris.map(String));
      vscode.workspace.textDocuments.filter(({ uri }) => changed.has(uri.toString())).forEach(soon);
    }),
    { dispose: () => timers.forEach((timer) => clearTimeout(timer)) },
  );
}

function isOn({ uri }: vscode.TextDocument): boolean {
  const section = vscode.workspace.getConfiguration(SECTION, uri);
  if (!section.get<boolean>('enabled', true) || !section.get<boolean>('staticHints', true)) return false;
  return lensSettings(uri).rules[RULE] !== 'off' && !/[\\/]node_modules[\\/]/.test(uri.fsPath);
}

function hintsOf(document: vscode.TextDocument, examine: Examine, help: RuleHelp): vscode.Diagnostic[] {
  const text = document.getText();
  if (!mayBlock(text)) return [];
  const told = new Set(
    vscode.languages
      .getDiagnostics(document.uri)
      .filter((one) => one.source === SOURCE && one.severity !== vscode.DiagnosticSeverity.Hint && isEvidence(one))
      .map(({ range }) => range.start.line),
  );
  return hintedCalls(text, examine(document)?.calls() ?? [], told).map(({ api, start, end, where }) => {
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    const message = `${api} blocks the event loop while it runs, ${where}. ${asyncAdvice(api)}`;
    const hint = new vscode.Diagnostic(range, message, vscode.DiagnosticSeverity.Hint);
    return Object.assign(hint, { source: SOURCE, code: help.codeOf(RULE) });
  });
}

function isEvidence({ code }: vscode.Diagnostic): boolean {
  return EVIDENCE.has(String(typeof code === 'object' ? code.value : code));
}

function sameAs(before: readonly vscode.Diagnostic[], now: readonly vscode.Diagnostic[]): boolean {
  return (
    before.length === now.length &&
    before.every(({ range, message }, index) => {
      const other = now[index];
      return other !== undefined && other.range.isEqual(range) && other.message === message;
    })
  );
}

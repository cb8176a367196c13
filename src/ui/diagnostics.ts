/** Shows the findings in Problems and as squiggles, and drops them where the user edits. */
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Finding, Location, Severity } from '../protocol/report.ts';
import { fileKey } from './file-key.ts';
import { afterEdit } from './line-edits.ts';
import type { RuleHelp } from './rule-help.ts';
import { underlined } from './source-range.ts';
import type { Store } from './state.ts';

/** `source` of all our diagnostics. */
export const SOURCE = 'Async Lens';

const SEVERITIES: Record<Severity, vscode.DiagnosticSeverity> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

interface Shown {
  finding: Finding;
  uri: vscode.Uri;
  diagnostic: vscode.Diagnostic;
  /** The user edited its lines. */
  dropped: boolean;
}

export interface Findings extends vscode.Disposable {
  /** Takes away what is shown; a finding of a program that still runs comes back when it happens again. */
  clear(): void;
  /** The finding of that rule which is shown at that line, from 0. */
  find(uri: vscode.Uri, line: number, rule: string): Finding | undefined;
}

/** The findings that have a line, by rule and place. */
function told(store: Store): Map<string, Finding & { location: Location }> {
  const findings = new Map<string, Finding & { location: Location }>();
  for (const { view } of store.shown()) {
    for (const finding of view?.findings ?? []) {
      const { location } = finding;
      if (location) findings.set(keyOf(finding.rule, location), { ...finding, location });
    }
  }
  return findings;
}

/** Mirrors the findings of the store's programs into a diagnostic collection. */
export function registerDiagnostics(store: Store, help: RuleHelp, log: vscode.LogOutputChannel): Findings {
  const collection = vscode.languages.createDiagnosticCollection(SOURCE);
  /** By rule and place as the program told them: editing moves the diagnostic, not the key. */
  const shown = new Map<string, Shown>();
  /** What was cleared, by the same keys: its message then, which tells how often and how long. */
  const cleared = new Map<string, string>();
  let queue = Promise.resolve();

  const publish = (): void => {
    const byFile = new Map<string, vscode.Diagnostic[]>();
    for (const { uri, diagnostic, dropped } of shown.values()) {
      if (!dropped) byFile.set(uri.toString(), [...(byFile.get(uri.toString()) ?? []), diagnostic]);
    }
    collection.clear();
    collection.set([...byFile].map(([uri, diagnostics]) => [vscode.Uri.parse(uri), diagnostics]));
  };

  const update = async (): Promise<void> => {
    const findings = told(store);
    for (const [key, { message }] of findings) if (cleared.get(key) === message) findings.delete(key);
    let changed = false;
    for (const key of shown.keys()) {
      if (!findings.has(key)) changed = shown.delete(key) || changed;
    }
    for (const [key, finding] of findings) {
      const before = shown.get(key);
      if (before?.diagnostic.message === finding.message && before.diagnostic.severity === SEVERITIES[finding.severity])
        continue;
      const range = before?.diagnostic.range ?? (await rangeOf(finding.location));
      const diagnostic = new vscode.Diagnostic(range, finding.message, SEVERITIES[finding.severity]);
      diagnostic.source = SOURCE;
      diagnostic.code = help.codeOf(finding.rule);
      diagnostic.relatedInformation = related(finding);
      const uri = vscode.Uri.file(finding.location.file);
      shown.set(key, { finding, uri, diagnostic, dropped: before?.dropped ?? false });
      changed = true;
    }
    if (changed) publish();
  };

  const enqueue = (): void => {
    queue = queue.then(update).catch((error: unknown) => log.error(`Findings not shown: ${String(error)}`));
  };

  const forget = (): void => {
    shown.clear();
    cleared.clear();
    collection.clear();
  };

  const clear = (): void => {
    const now = told(store);
    const take = (): void => {
      for (const [key, { finding, dropped }] of shown) {
        // Where the user has edited the line, the program runs another.
        if (dropped) continue;
        cleared.set(key, (now.get(key) ?? finding).message);
        shown.delete(key);
      }
      collection.clear();
    };
    take();
    // What is being put up meanwhile is of before.
    queue = queue.then(take);
  };

  const edited = ({ document, contentChanges }: vscode.TextDocumentChangeEvent): void => {
    let touched = false;
    for (const entry of shown.values()) {
      if (entry.dropped || fileKey(entry.uri) !== fileKey(document.uri)) continue;
      for (const change of contentChanges) touched = move(entry, change) || touched;
    }
    if (touched) publish();
  };

  const subscriptions = vscode.Disposable.from(
    collection,
    store.onDidChange(enqueue),
    store.onDidBegin(forget),
    vscode.workspace.onDidChangeTextDocument(edited),
  );
  return {
    clear,
    find(uri, line, rule) {
      for (const { finding, diagnostic, dropped, ...one } of shown.values()) {
        if (dropped || finding.rule !== rule || diagnostic.range.start.line !== line) continue;
        if (fileKey(one.uri) === fileKey(uri)) return finding;
      }
      return undefined;
    },
    dispose() {
      subscriptions.dispose();
    },
  };
}

function keyOf(rule: string, { file, line, column }: Location): string {
  return `${rule}|${file}|${line}|${column}`;
}

/** Keeps a diagnostic on its line while text above it changes, drops it when its own line does. True when something changed. */
function move(entry: Shown, change: vscode.TextDocumentContentChangeEvent): boolean {
  const { range } = entry.diagnostic;
  const moved = afterEdit(range, change);
  if (moved === range) return false;
  if (moved === undefined) entry.dropped = true;
  else entry.diagnostic.range = moved;
  return true;
}

/** The file is read from disk unless it is open: opening it would wake the language servers. */
async function rangeOf({ file, line, column }: Location): Promise<vscode.Range> {
  const index = Math.max(0, line - 1);
  const { start, end } = underlined((await lineOf(file, index)) ?? '', column);
  return new vscode.Range(index, start, index, end);
}

async function lineOf(file: string, index: number): Promise<string | undefined> {
  const key = fileKey(vscode.Uri.file(file));
  const open = vscode.workspace.textDocuments.find(({ uri }) => fileKey(uri) === key);
  if (open) return index < open.lineCount ? open.lineAt(index).text : undefined;
  try {
    return (await readFile(file, 'utf8')).split(/\r?\n/)[index];
  } catch {
    // A source that exists only in a source map still gets its line in Problems.
    return undefined;
  }
}

function related(finding: Finding): vscode.DiagnosticRelatedInformation[] {
  return finding.related.flatMap(({ message, location = finding.location }) => {
    if (!location) return [];
    const position = new vscode.Position(Math.max(0, location.line - 1), Math.max(0, location.column - 1));
    return [
      new vscode.DiagnosticRelatedInformation(new vscode.Location(vscode.Uri.file(location.file), position), message),
    ];
  });
}

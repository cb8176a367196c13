/** Keeps for each line of source what is known of the stalls it caused: the one that goes on, the last one, and all of them together. */
import * as vscode from 'vscode';
import type { Finding, Location } from '../protocol/report.ts';
import { fileKey } from './file-key.ts';
import { afterEdit } from './line-edits.ts';
import type { OpenStall, Store } from './state.ts';

/** Rules whose findings are about stalls. */
const STALLS = new Set(['event-loop-stall', 'microtask-starvation']);

/** One line. */
export interface StallLine {
  uri: vscode.Uri;
  /** The line now; the user may have edited above it. */
  range: vscode.Range;
  /** The user has edited it: what was told is of another line. */
  dropped: boolean;
  open?: OpenStall;
  /** Milliseconds; `undefined` until one is over. */
  lastMs?: number;
  count: number;
  totalMs: number;
}

export interface StallLines extends vscode.Disposable {
  /** Fires when a line has changed, and while time passes not. */
  readonly onDidChange: vscode.Event<void>;
  /** Those to be shown. */
  all(): StallLine[];
  /** Forgets them; a stall that comes is told again. */
  clear(): void;
}

/** Watches the store's programs and the user's edits. */
export function watchStallLines(store: Store): StallLines {
  const change = new vscode.EventEmitter<void>();
  const lines = new Map<string, StallLine>();
  /** Stalls and findings that {@link StallLines.clear} made old. */
  let forgotten = new WeakSet<object>();

  const lineAt = (location: Location): StallLine => {
    const key = `${location.file}:${location.line}`;
    const known = lines.get(key);
    if (known) return known;
    const start = new vscode.Position(Math.max(0, location.line - 1), 0);
    const made: StallLine = {
      uri: vscode.Uri.file(location.file),
      range: new vscode.Range(start, start),
      dropped: false,
      count: 0,
      totalMs: 0,
    };
    lines.set(key, made);
    return made;
  };

  const update = (): void => {
    for (const line of lines.values()) delete line.open;
    for (const { stall, lastStall, view } of store.shown()) {
      if (stall?.location) lineAt(stall.location).open = stall;
      if (lastStall && !forgotten.has(lastStall)) lineAt(lastStall.location).lastMs = lastStall.durationMs;
      for (const finding of view?.findings ?? []) sum(finding);
    }
    change.fire();
  };

  /** A finding counts all stalls of its line, also those that were too short to be told while they lasted. */
  const sum = ({ rule, location, data }: Finding): void => {
    if (!STALLS.has(rule) || !location) return;
    const line = lines.get(`${location.file}:${location.line}`);
    const { count, totalMs } = data;
    if (!line || typeof count !== 'number' || typeof totalMs !== 'number') return;
    line.count = count;
    line.totalMs = totalMs;
  };

  const clear = (): void => {
    lines.clear();
    forgotten = new WeakSet(store.programs().flatMap(({ lastStall }) => lastStall ?? []));
    change.fire();
  };

  const edited = ({ document, contentChanges }: vscode.TextDocumentChangeEvent): void => {
    const key = fileKey(document.uri);
    for (const line of lines.values()) {
      if (line.dropped || fileKey(line.uri) !== key) continue;
      for (const one of contentChanges) {
        const moved = afterEdit(line.range, one);
        if (moved) line.range = moved;
        else line.dropped = true;
      }
    }
    if (contentChanges.length > 0) change.fire();
  };

  const subscriptions = vscode.Disposable.from(
    change,
    store.onDidChange(update),
    store.onDidBegin(clear),
    vscode.workspace.onDidChangeTextDocument(edited),
  );
  return {
    onDidChange: change.event,
    all: () => [...lines.values()].filter(({ dropped }) => !dropped),
    clear,
    dispose() {
      subscriptions.dispose();
    },
  };
}

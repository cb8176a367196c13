/** The folders in which the processes of a debug session leave their events: made, removed, and swept up after a crash. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as vscode from 'vscode';

const PREFIX = 'async-lens-session-';
const FORGOTTEN_MS = 24 * 60 * 60 * 1000;

/** A new, empty folder among the system's temporary files. Throws when there is no room. */
export function makeSpool(): string {
  return mkdtempSync(join(tmpdir(), PREFIX));
}

/** Removes a folder; a failure is logged. */
export function removeSpool(folder: string, log: vscode.LogOutputChannel): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    log.warn(`Could not remove ${folder}: ${String(error)}`);
  }
}

/** Removes what an editor that was killed left behind; younger folders than a day may be in use by another window. */
export function sweepSpools(log: vscode.LogOutputChannel): void {
  try {
    for (const name of readdirSync(tmpdir())) {
      const folder = join(tmpdir(), name);
      if (name.startsWith(PREFIX) && Date.now() - statSync(folder).mtimeMs > FORGOTTEN_MS) removeSpool(folder, log);
    }
  } catch (error) {
    log.warn(`Could not look for old session folders: ${String(error)}`);
  }
}

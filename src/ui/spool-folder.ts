/** The folders in which the processes of a debug session leave their events; a failure to remove one is logged, no more. */
import type * as vscode from 'vscode';
import { makeSpoolFolder, removeSpoolFolder, sweepSpoolFolders } from '../adapter/spool-folder.ts';

export interface Spools extends vscode.Disposable {
  /**
   * The folder for sessions of one launch configuration, made when there is none yet. It stays the same while they run: a session that is
   * restarted is resolved again, but is known by what was resolved first. Throws when there is no room.
   */
  folderOf(configuration: string): string;
  /** Does nothing when another made it. */
  remove(folder: string): void;
}

/** Removes what an editor that was killed left behind. Disposing it, or the end of this process, removes all folders it made. */
export function createSpools(log: vscode.LogOutputChannel): Spools {
  /** By configuration. */
  const folders = new Map<string, string>();
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      log.warn(`A folder of event files was not removed: ${String(error)}`);
    }
  };
  const removeAll = (): void => {
    for (const folder of folders.values()) attempt(() => removeSpoolFolder(folder));
    folders.clear();
  };
  process.once('exit', removeAll);
  sweepSpoolFolders();
  return {
    folderOf(configuration) {
      const folder = folders.get(configuration) ?? makeSpoolFolder();
      folders.set(configuration, folder);
      return folder;
    },
    remove(folder) {
      const own = [...folders].find(([, known]) => known === folder);
      if (!own) return;
      folders.delete(own[0]);
      attempt(() => removeSpoolFolder(folder));
    },
    dispose() {
      process.off('exit', removeAll);
      removeAll();
    },
  };
}

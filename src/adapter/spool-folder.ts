/** Folders for the event files of watched processes: made in the system's temporary folder, removed, and swept up after an owner that was killed. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The name tells the process that has to remove the folder. */
const NAME = /^async-lens-(\d+)-/;

/** A new, empty folder that belongs to this process. Throws when there is no room. */
export function makeSpoolFolder(): string {
  return mkdtempSync(join(tmpdir(), `async-lens-${process.pid}-`));
}

/** Removes a folder with all that is in it; throws when the system does not let it. */
export function removeSpoolFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 2 });
}

/** Removes the folders of processes that are gone; what cannot be removed stays. */
export function sweepSpoolFolders(): void {
  try {
    for (const name of readdirSync(tmpdir())) {
      const owner = NAME.exec(name)?.[1];
      if (owner !== undefined && !isAlive(Number(owner))) removeSpoolFolder(join(tmpdir(), name));
    }
  } catch {
    // Another user's, or somebody else sweeps at this moment.
  }
}

/** Whether a process of that id is running on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is there, though it may not be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

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

/** The same, but what cannot be removed stays and is swept up later: another user's, or on Windows what a virus scanner or a child of the program has open at this moment. */
export function leaveSpoolFolder(folder: string): void {
  try {
    removeSpoolFolder(folder);
  } catch {
    // As said above.
  }
}

/** Removes the folders of processes that are gone. */
export function sweepSpoolFolders(): void {
  let names: string[] = [];
  try {
    names = readdirSync(tmpdir());
  } catch {
    // It is not to be read.
  }
  for (const name of names) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) leaveSpoolFolder(join(tmpdir(), name));
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

/** Copies the demo workspace to a folder of the user's, for that of an installed extension is not to be changed. */
import { chmod, cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

const NAME = 'async-lens-demo';
const MOST_COPIES = 100;
/** What a demo that was run in a clone may have besides. */
const NOT_COPIED = new Set(['node_modules', 'package-lock.json']);

/** The folder of the copy, a new one in `parent`; the error of one that can't be written says what to do. */
export async function copyDemo(source: string, parent: string): Promise<string> {
  try {
    const copy = await newFolder(parent);
    await cp(source, copy, { recursive: true, filter: (file) => !NOT_COPIED.has(path.basename(file)) });
    await makeWritable(copy);
    return copy;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The demo can't be copied to ${parent}: choose another folder. (${reason})`, { cause: error });
  }
}

/** Some install extensions where nothing can be written, and the copies are as the files. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await makeWritable(file);
    else await chmod(file, 0o644);
  }
}

async function newFolder(parent: string): Promise<string> {
  for (let count = 1; ; count++) {
    const folder = path.join(parent, count === 1 ? NAME : `${NAME}-${count}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!isTaken || count === MOST_COPIES) throw error;
    }
  }
}

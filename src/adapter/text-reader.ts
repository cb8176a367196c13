/** Reads source files for the model, again when they change on disk. */
import { readFileSync } from 'node:fs';
import { statOf } from './stat-of.ts';

/** Bigger files are generated ones, in which nobody writes comments. Bytes. */
const MAX_SIZE = 2_000_000;

interface Read {
  mtimeMs: number;
  text: string | undefined;
}

/** Gives the text of a file; undefined when it is not on this machine, too big or no text, or was written after `untilMs` (since the epoch). Nothing throws. */
export type TextReader = (file: string, untilMs?: number) => string | undefined;

/** Nothing read yet. */
export function createTextReader(): TextReader {
  const files = new Map<string, Read>();
  return (file, untilMs = Infinity) => {
    const stats = statOf(file);
    const mtimeMs = stats?.mtimeMs ?? 0;
    if (mtimeMs > untilMs) return undefined;
    const known = files.get(file);
    if (known?.mtimeMs === mtimeMs) return known.text;
    const text = stats?.isFile() === true && stats.size <= MAX_SIZE ? read(file) : undefined;
    files.set(file, { mtimeMs, text });
    return text;
  };
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // no permission: its comments can't be known
  }
}

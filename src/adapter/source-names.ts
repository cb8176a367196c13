/** Reads sources for the names of functions that have none; a file is read once. */
import { readFileSync, statSync } from 'node:fs';
import type { Location } from '../protocol/report.ts';
import { functionNames, type FunctionNames } from '../model/source/function-names.ts';
import { baseName } from '../model/place.ts';

/** Bigger files are bundles, whose names say nothing. Bytes. */
const MAX_SIZE = 2_000_000;

/** Looks names up by place. */
export interface SourceNames {
  /** Whatever V8 has told where the file cannot be read, or was written after `untilMs` (since the epoch). */
  nameAt(place: Location, untilMs?: number): string | undefined;
}

interface ReadFile {
  mtimeMs: number;
  lineStarts: number[];
  names: FunctionNames;
  /** What was asked before. */
  known: Map<string, string>;
}

/** Nothing read yet. */
export function createSourceNames(): SourceNames {
  const files = new Map<string, ReadFile | undefined>();
  return {
    nameAt({ file, line, column, function: told }, untilMs = Infinity) {
      if (!files.has(file)) files.set(file, read(file));
      const text = files.get(file);
      const start = text?.lineStarts[line - 1];
      if (text === undefined || start === undefined || text.mtimeMs > untilMs) return told;
      const key = `${line}:${column} ${told ?? ''}`;
      const name = text.known.get(key) ?? text.names.nameAt(start + column - 1, baseName(file), told);
      text.known.set(key, name);
      return name;
    },
  };
}

function read(file: string): ReadFile | undefined {
  try {
    const { size, mtimeMs } = statSync(file);
    if (size > MAX_SIZE) return undefined;
    const text = readFileSync(file, 'utf8');
    const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
    return { mtimeMs, lineStarts, names: functionNames(text), known: new Map() };
  } catch {
    return undefined; // a source that is not on this machine keeps its functions nameless
  }
}

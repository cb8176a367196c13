/** Finds the user's own source line behind a frame: file URLs, source maps (inline, beside the file, bundled) and what counts as the user's code. */
import { isAbsolute, win32 } from 'node:path';
import { isIgnored, LEAST_UPPER_BOUND, originalPositionFor, type TraceMap } from '@jridgewell/trace-mapping';
import type { Frame } from '../protocol/agent.ts';
import type { Location } from '../protocol/report.ts';
import type { Sources } from '../model/sources.ts';
import { pathOf, readMap, sourcePath } from './map-file.ts';
import { createSourceNames } from './source-names.ts';
import { statOf } from './stat-of.ts';
import { createTextReader, type TextReader } from './text-reader.ts';

interface CachedMap {
  mtimeMs: number;
  map: TraceMap | undefined;
  /** Path of each original source that exists; undefined where it doesn't. */
  paths: Map<string, string | undefined>;
}

interface Place extends Location {
  ignored: boolean;
}

const LIBRARY = /[\\/]node_modules[\\/]/;

/** Sources that tell when their files were written. */
export interface FileSources extends Sources {
  /** Without names from files that were written after `untilMs`. */
  locate(frame: Frame, untilMs?: number): Location | undefined;
  textOf: TextReader;
}

/** What a program has written itself, such as a compiler, it wrote early; people edit later. Milliseconds. */
const OWN_FILES_MS = 5000;

/** The same for one program: without names and text from files that were edited since it started, for their lines are others now. `startTime`: since the epoch. */
export function asLoaded(sources: FileSources, startTime: () => number | undefined): Sources {
  const untilMs = (): number => (startTime() ?? Infinity) + OWN_FILES_MS;
  return {
    ...sources,
    locate: (frame) => sources.locate(frame, untilMs()),
    textOf: (file) => sources.textOf(file, untilMs()),
  };
}

/**
 * Sources read from the file system. A missing or malformed source map, or one whose source is not on this machine, gives the position in the
 * generated file; nothing throws. Files are read again when their modification time changes.
 */
export function createSources(): FileSources {
  const textOf = createTextReader();
  const maps = new Map<string, CachedMap>();
  const names = createSourceNames();

  function place(frame: Frame): Place | undefined {
    const file = filePath(frame.file);
    if (file === undefined) return undefined;
    const named = frame.function === '' ? {} : { function: frame.function };
    const loaded = beforeLoader(frame, file);
    if (loaded !== undefined && loaded.file !== file) return { ...loaded, ...named };
    const { line, column } = loaded ?? frame;
    const original = line < 1 ? undefined : originalOf(mapOf(maps, file), file, line, column);
    return { ...(original ?? loaded ?? { file, line, column, ignored: false }), ...named };
  }

  return {
    locate(frame, untilMs) {
      const found = place(frame);
      // Of a function of which V8 knows no more than the file the line is 0 (seen on Node 20, rarely).
      if (found === undefined || found.line < 1 || frame.isUnmapped === true) return undefined;
      const { ignored: _, ...location } = found;
      const name = LIBRARY.test(found.file) ? location.function : names.nameAt(location, untilMs);
      return name === undefined ? location : { ...location, function: name };
    },
    isUser(frame) {
      const found = place(frame);
      return found !== undefined && !found.ignored && !LIBRARY.test(found.file);
    },
    textOf,
    currentTextOf: textOf,
  };
}

/** The path behind a frame's file, drive letter in upper case; undefined for `node:` modules, `eval` and the like. */
function filePath(file: string): string | undefined {
  if (file.startsWith('file:')) {
    const path = pathOf(file);
    return path === undefined ? undefined : upperDrive(path);
  }
  return isAbsolute(file) || win32Path(file) ? upperDrive(file) : undefined;
}

function win32Path(file: string): boolean {
  return /^([a-z]:|\\\\)/i.test(file) && win32.isAbsolute(file);
}

function upperDrive(path: string): string {
  return /^[a-z]:/.test(path) ? path.charAt(0).toUpperCase() + path.slice(1) : path;
}

/** The place that the program's own map gives; undefined when there is none or its file is not on this machine. */
function beforeLoader({ original }: Frame, file: string): Place | undefined {
  const path = original === undefined ? undefined : sourcePath(original.file, file);
  if (original === undefined || path === undefined) return undefined;
  const { line, column, ignored = false } = original;
  return { file: upperDrive(path), line, column, ignored };
}

function originalOf(cached: CachedMap, file: string, line: number, column: number) {
  if (cached.map === undefined) return undefined;
  const needle = { line, column: column - 1 };
  let found = originalPositionFor(cached.map, needle);
  if (found.source === null) found = originalPositionFor(cached.map, { ...needle, bias: LEAST_UPPER_BOUND });
  if (found.source === null) return undefined;
  const { source } = found;
  if (!cached.paths.has(source)) cached.paths.set(source, sourcePath(source, file));
  const path = cached.paths.get(source);
  if (path === undefined) return undefined;
  return { file: upperDrive(path), line: found.line, column: found.column + 1, ignored: isIgnored(cached.map, source) };
}

function mapOf(maps: Map<string, CachedMap>, file: string): CachedMap {
  const mtimeMs = modified(file);
  const known = maps.get(file);
  if (known?.mtimeMs === mtimeMs) return known;
  const map = mtimeMs === 0 ? undefined : readMap(file);
  const read = { mtimeMs, map, paths: new Map<string, string | undefined>() };
  maps.set(file, read);
  return read;
}

/** 0 when there is no such file, or it can't be looked at. */
function modified(file: string): number {
  return statOf(file)?.mtimeMs ?? 0;
}

/** Adds to frames where they were before a loader such as tsx transformed their file: such source maps exist only in the program's memory. */
import module from 'node:module';
import { hasScriptMap, onMapChanged, scriptMapOf } from './script-maps.ts';
import { isWithinProgram } from './within.ts';
import type { Frame } from '../../protocol/agent.ts';
import type { OriginalPosition } from '../../protocol/original-position.ts';

/** What is read of a map here; `sources` are absolute URLs (Node 20 to 26). */
interface Payload {
  sources: string[];
  ignoreList?: number[];
  x_google_ignoreList?: number[];
}

/** The originals: the program may replace them later. */
const { findSourceMap } = module;
const { apply } = Reflect;
const isEnabled = Object.getOwnPropertyDescriptor(process, 'sourceMapsEnabled')?.get;

const FILE = /^(?:file:|[\\/]|[a-z]:[\\/])/i;
/** Maps found so far: to find one takes regular expressions, here and in Node. */
const found = new Map<string, WeakRef<module.SourceMap>>();
const JAVASCRIPT = /\.[cm]?js(?:[?#]|$)/i;

/** Files found to have no map; those of code that has run stay without one. Maps themselves are kept by Node, or decoded anew. */
const without = new Set<string>();

/** How often each file was compiled anew after its map had been looked for, and at which of these times each frame of such a file was last looked up. */
const revisions = new Map<string, number>();
const lookedUp = new WeakMap<Frame, number>();

onMapChanged((file) => {
  const wasFound = found.delete(file);
  if (without.delete(file) || wasFound) revisions.set(file, (revisions.get(file) ?? 0) + 1);
});

function dropStale(frame: Frame): void {
  const revision = revisions.get(frame.file);
  if (revision === undefined || lookedUp.get(frame) === revision) return;
  lookedUp.set(frame, revision);
  delete frame.original;
}

/** Until somebody switches source maps on, Node keeps none; before 20.7 it does not say. */
function keepsMaps(): boolean {
  return isEnabled === undefined || apply(isEnabled, process, []) === true;
}

/** With this option Node keeps also the maps of compiled JavaScript, which lie on the disk. */
function readsMaps(): boolean {
  return [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ').includes('--enable-source-maps');
}

/** The first question for a file decodes its whole map: 0.5 s and 180 MB for a bundle of 17 MB, so maps that others can read are left to them. */
function isWorthAsking(file: string): boolean {
  return FILE.test(file) && !(JAVASCRIPT.test(file) && readsMaps());
}

/** What Node itself runs only without its types; files are compared without a regular expression, for code of the program may be running. */
const COMPILED = ['.ts', '.mts', '.cts', '.tsx', '.jsx'];

function isSurelyCompiled(file: string): boolean {
  if (hasScriptMap(file)) return true;
  const query = file.indexOf('?');
  const name = query < 0 ? file : file.slice(0, query);
  return COMPILED.some((end) => name.endsWith(end));
}

function mapOf(file: string): module.SourceMap | undefined {
  const known = found.get(file)?.deref();
  if (known !== undefined || isWithinProgram()) return known;
  const map = scriptMapOf(file) ?? (keepsMaps() && isWorthAsking(file) ? findSourceMap(file) : undefined);
  if (map === undefined) without.add(file);
  else found.set(file, new WeakRef(map));
  return map;
}

function originalOf({ file, line, column }: Frame): OriginalPosition | undefined {
  const map = mapOf(file);
  if (map === undefined) return undefined;
  // Both sides count from 0. The entry is the nearest one before; on another line it says nothing about this one.
  const entry = map.findEntry(line - 1, column - 1);
  if (!('originalSource' in entry) || entry.generatedLine !== line - 1) return undefined;
  const { originalSource, originalLine, originalColumn } = entry;
  // Absent for code that has no original, empty where the map does not name it.
  if (typeof originalSource !== 'string' || originalSource === '') return undefined;
  const { sources, ignoreList, x_google_ignoreList: ignoreOld = [] } = map.payload as unknown as Payload;
  const ignored = (ignoreList ?? ignoreOld).some((index) => sources[index] === originalSource);
  return { file: originalSource, line: originalLine + 1, column: originalColumn + 1, ...(ignored ? { ignored } : {}) };
}

/** Fills in `original` where it is known and not filled in yet; never throws. 2 us for each new frame, next to nothing without a loader. */
export function addOriginals(stacks: Iterable<readonly Frame[]>): void {
  const asksNode = keepsMaps();
  for (const stack of stacks) {
    for (const frame of stack) {
      if (revisions.size > 0) dropStale(frame);
      if (frame.isUnmapped === true && !isWithinProgram()) delete frame.isUnmapped;
      if (frame.original !== undefined || without.has(frame.file)) continue;
      if (!asksNode && !hasScriptMap(frame.file)) continue;
      try {
        const original = originalOf(frame);
        if (original !== undefined) frame.original = original;
        if (original === undefined && isWithinProgram() && isSurelyCompiled(frame.file)) frame.isUnmapped = true;
        else delete frame.isUnmapped;
      } catch {
        // A map that Node cannot read is as good as none.
        without.add(frame.file);
        delete frame.isUnmapped;
      }
    }
  }
}

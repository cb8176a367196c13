/** Where something happens, as the user should see it: the user's frame nearest to it, else a package's, else Node's own. */
import type { Frame, Snapshot } from '../protocol/agent.ts';
import type { Location } from '../protocol/report.ts';
import type { Sources } from './sources.ts';

/** A place and its name. */
export interface Place {
  /** Function, or the best substitute. */
  name: string;
  location?: Location;
  /** Set when no frame is the user's: the package, or `node`. */
  library?: string;
}

/** The place of a stack given innermost frame first; `undefined` for an empty stack. */
export function placeOf(stack: readonly Frame[], sources: Sources): Place | undefined {
  const user = stack.find((frame) => sources.isUser(frame));
  const frame = user ?? stack.find(({ file }) => packageOf(file) !== 'node') ?? stack[0];
  if (frame === undefined) return undefined;
  const location = sources.locate(frame);
  return {
    name: WORKERS_OF.get(`${frame.file} ${frame.function}`) ?? nameOf(frame, location),
    ...(location === undefined ? {} : { location }),
    ...(user === undefined ? { library: packageOf(frame.file) } : {}),
  };
}

/** Without its source a function may have no name but that of its file. */
function nameOf(frame: Frame, location: Location | undefined): string {
  if (frame.isUnmapped === true && frame.function === '') return `code of ${baseName(frame.file)}`;
  return functionName(location?.function ?? frame.function);
}

/** Functions inside of Node, by file, that do the work of one that everybody knows (undici in Node 20 to 26). */
const WORKERS_OF = new Map([
  ['node:internal/deps/undici/undici mainFetch', 'fetch'],
  ['node:internal/deps/undici/undici readAllBytes', 'body of fetch'],
]);

/** The frames behind the indices of a task or resource; indices out of range are skipped. */
export function framesOf(indices: readonly number[], snapshot: Snapshot): Frame[] {
  return indices.map((index) => snapshot.frames[index]).filter((frame) => frame !== undefined);
}

/** The user's frames as locations, all frames when none is the user's. */
export function stackLocations(stack: readonly Frame[], sources: Sources): Location[] {
  const user = stack.filter((frame) => sources.isUser(frame));
  return (user.length > 0 ? user : stack)
    .map((frame) => sources.locate(frame))
    .filter((location) => location !== undefined);
}

/** What stands for the file of JavaScript's own functions, such as `Set.has`. */
const BUILT_IN = '<anonymous>';

/** The package a library file belongs to, `node` for Node's own. */
export function packageOf(file: string): string {
  const parts = file.split(/[\\/]/);
  const at = parts.lastIndexOf('node_modules');
  const name = at < 0 ? undefined : parts[at + 1];
  if (name === undefined) return file.startsWith('node:') || file === '' || file === BUILT_IN ? 'node' : baseName(file);
  return name.startsWith('@') ? `${name}/${parts[at + 2] ?? ''}` : name;
}

/** Last part of a path of any platform. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
}

/** "file.ts:12", for people who know their files. */
export function shortPlace(location: Location | undefined): string | undefined {
  return location === undefined ? undefined : `${baseName(location.file)}:${location.line}`;
}

/** Same file and line. */
export function sameLine(a: Location | undefined, b: Location | undefined): boolean {
  return a !== undefined && b !== undefined && a.file === b.file && a.line === b.line;
}

/** Key for grouping by line. */
export function lineKey(location: Location | undefined): string {
  return location === undefined ? '' : `${location.file}:${location.line}`;
}

function functionName(name: string): string {
  const bare = name.replace(/^async /, '');
  return bare === '' || bare === '<anonymous>' ? '(anonymous)' : bare;
}

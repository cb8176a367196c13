/** Decides how a program is started: by this Node.js or as the command that it is. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { Failure } from './failure.ts';

/** What to spawn. */
export interface Target {
  file: string;
  args: string[];
  /** Windows only: `file` is a command line for its shell. */
  shell: boolean;
}

const SCRIPTS: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']);

/** Scripts, folders (when spelled as a path: `./app`) and files that cannot be executed are run by this Node.js. Throws a {@link Failure} when a script is not there. */
export function targetOf(program: string, args: readonly string[]): Target {
  const stats = statSync(program, { throwIfNoEntry: false });
  const isScript = SCRIPTS.has(extname(program).toLowerCase());
  if (isScript && stats === undefined) throw new Failure(`there is no program ${program}`);
  const isFolder = stats?.isDirectory() === true && /[\\/]|^\.\.?$/.test(program);
  const isPlainFile = process.platform !== 'win32' && stats?.isFile() === true && (stats.mode & 0o111) === 0;
  if (isScript || isFolder || isPlainFile) {
    return { file: process.execPath, args: [program, ...args], shell: false };
  }
  if (process.platform === 'win32' && extname(program).toLowerCase() !== '.exe') {
    // npm, npx and their like are batch files there, which only the shell can start.
    return { file: [program, ...args].map(quoted).join(' '), args: [], shell: true };
  }
  return { file: program, args: [...args], shell: false };
}

/** As Windows programs read their command line: quotes and the backslashes before them are escaped by backslashes. */
function quoted(word: string): string {
  if (/^[\w./\\:@=-]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

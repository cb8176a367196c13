/** Decides how a program is started: by this Node.js or as the command that it is. */
import { extname, win32 } from 'node:path';
import { statOf } from '../adapter/stat-of.ts';
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
  const stats = statOf(program);
  const isScript = SCRIPTS.has(extname(program).toLowerCase());
  if (isScript && stats === undefined) throw new Failure(`there is no program ${program}`);
  const isFolder = stats?.isDirectory() === true && /[\\/]|^\.\.?$/.test(program);
  const isPlainFile = process.platform !== 'win32' && stats?.isFile() === true && (stats.mode & 0o111) === 0;
  if (isScript || isFolder || isPlainFile) {
    return { file: process.execPath, args: [program, ...args], shell: false };
  }
  return process.platform === 'win32'
    ? windowsTarget(program, args, process.env, (path) => statOf(path)?.isFile() === true)
    : { file: program, args: [...args], shell: false };
}

/**
 * Only the shell can start batch files, such as npm and npx, and its own commands. All else is started without it: the shell would stand between the program and who ends it, and would read
 * `%`, `&` and quotes in the arguments in its own way.
 */
export function windowsTarget(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  isFile: (path: string) => boolean,
): Target {
  const found = foundByShell(program, env, isFile);
  // The shell opens other files, too, by what they are.
  if (found === undefined && isPath(program) && !isFile(win32.resolve(program)))
    throw new Failure(`there is no program ${program}`);
  if (found !== undefined && /\.(?:exe|com)$/i.test(found)) return { file: program, args: [...args], shell: false };
  // With slashes the shell takes the first folder for the program and the rest for its options.
  const words = [program.replaceAll('/', '\\'), ...args];
  return { file: words.map(quoted).join(' '), args: [], shell: true };
}

const isPath = (program: string): boolean => /[\\/:]/.test(program);

/** The file that the shell would start for that name: in the working directory, then on PATH. */
function foundByShell(program: string, env: NodeJS.ProcessEnv, isFile: (path: string) => boolean): string | undefined {
  const endings = (env['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD').split(';').filter((ending) => ending !== '');
  const isWhole = endings.some((ending) => program.toLowerCase().endsWith(ending.toLowerCase()));
  const names = [...(isWhole ? [program] : []), ...endings.map((ending) => program + ending)];
  // Entries may be quoted there.
  const onPath = (env['PATH'] ?? '').split(';').map((folder) => folder.replaceAll('"', ''));
  const folders = isPath(program) ? ['.'] : ['.', ...onPath.filter((folder) => folder !== '')];
  return folders.flatMap((folder) => names.map((name) => win32.resolve(folder, name))).find(isFile);
}

/** As Windows programs read their command line: quotes and the backslashes before them are escaped by backslashes. */
function quoted(word: string): string {
  if (/^[\w./\\:@=-]+$/.test(word)) return word;
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

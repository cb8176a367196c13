/** Lists the Node.js processes of this machine. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { allPids, commandOf, executableOf } from './proc.ts';

/** A process that runs Node.js, as far as its name tells. */
export interface NodeProcess {
  pid: number;
  /** The words of its command; on macOS and Windows cut at spaces. */
  command: string[];
}

const NODE = /(?:^|[\\/])(?:node|nodejs)(?:-?\d[\w.]*)?(?:\.exe)?$/i;
const TIMEOUT_MS = 10_000;
const run = promisify(execFile);

/** Whether that is the path or name of a Node.js program. */
export const isNode = (program: string | undefined): boolean => program !== undefined && NODE.test(program);

/** By number, without this process. Rejects when the system does not tell. */
export async function nodeProcesses(): Promise<NodeProcess[]> {
  const all = process.platform === 'linux' ? fromProc() : await fromSystem();
  return all
    .filter(({ pid, command }) => pid !== process.pid && (isNode(command[0]) || isNode(programOf(pid))))
    .sort((a, b) => a.pid - b.pid);
}

/** Processes change their titles: the first word of the command need not be the program. */
const programOf = (pid: number): string | undefined => (process.platform === 'linux' ? executableOf(pid) : undefined);

const fromProc = (): NodeProcess[] => allPids().map((pid) => ({ pid, command: commandOf(pid) }));

const WINDOWS =
  'Get-CimInstance Win32_Process -Filter "Name LIKE \'node%\'" | ForEach-Object { "$($_.ProcessId) $($_.CommandLine)" }';

async function fromSystem(): Promise<NodeProcess[]> {
  const options = { timeout: TIMEOUT_MS, maxBuffer: 2 ** 26, windowsHide: true };
  const { stdout } =
    process.platform === 'win32'
      ? await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', WINDOWS], options)
      : await run('ps', ['-axww', '-o', 'pid=,command='], options);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*?)\s*$/.exec(line) ?? [];
    return pid === undefined || command === undefined ? [] : [{ pid: Number(pid), command: wordsOf(command) }];
  });
}

/** The program of a Windows command is often quoted. */
function wordsOf(command: string): string[] {
  const [, quoted, rest = ''] = /^"([^"]*)"\s*(.*)$/.exec(command) ?? [];
  if (quoted === undefined) return command.split(/\s+/);
  return [quoted, ...rest.split(/\s+/).filter((word) => word !== '')];
}

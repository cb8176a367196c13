/** Lists the Node.js processes of this machine. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { asJson } from '../cdp.ts';
import { allPids, commandOf, executableOf, optionsOf, portsOf } from './proc.ts';

/** A process that runs Node.js, as far as its name tells. */
export interface NodeProcess {
  pid: number;
  /** The words of its command; on macOS and Windows cut at spaces. */
  command: string[];
  /** The port of its inspector, where the system tells and the port is one that it was told or the usual one. */
  inspectorPort?: number;
  /** It was started with Async Lens, where the system tells. */
  withAgent?: true;
}

const NODE = /(?:^|[\\/])(?:node|nodejs)(?:-?\d[\w.]*)?(?:\.exe)?$/i;
const TIMEOUT_MS = 10_000;
const run = promisify(execFile);

/** Whether that is the path or name of a Node.js program. */
export const isNode = (program: string | undefined): boolean => program !== undefined && NODE.test(program);

/** By number, without this process. Rejects when the system does not tell, with the reason in words. */
export async function nodeProcesses(): Promise<NodeProcess[]> {
  const all = process.platform === 'linux' ? fromProc() : await fromSystem();
  return all
    .filter(({ pid, command }) => pid !== process.pid && (isNode(command[0]) || isNode(programOf(pid))))
    .sort((a, b) => a.pid - b.pid)
    .map(withFacts);
}

/** Processes change their titles: the first word of the command need not be the program. */
const programOf = (pid: number): string | undefined => (process.platform === 'linux' ? executableOf(pid) : undefined);

const fromProc = (): NodeProcess[] => allPids().map((pid) => ({ pid, command: commandOf(pid) }));

/** What more there is to know of a process; on Linux. */
function withFacts(found: NodeProcess): NodeProcess {
  if (process.platform !== 'linux') return found;
  const options = optionsOf(found.pid);
  const told = inspectorPorts(options);
  const inspectorPort = portsOf(found.pid)?.find((port) => port === DEFAULT_PORT || told.has(port));
  return {
    ...found,
    ...(inspectorPort === undefined ? {} : { inspectorPort }),
    ...(options.some((option) => AGENT.test(option)) ? { withAgent: true } : {}),
  };
}

/** Of Node's inspector, when nothing else is said. */
export const DEFAULT_PORT = 9229;
const AGENT = /[\\/]agent[\\/]preload\.cjs"?$/;

/** The ports that Node's options name; 0: whichever is free. */
export function inspectorPorts(options: readonly string[]): Set<number> {
  const ports = options.map((word) => /^--(?:inspect(?:-brk|-wait|-port)?|debug-port)=(?:.*:)?(\d+)$/.exec(word)?.[1]);
  return new Set(ports.filter((port) => port !== undefined).map(Number));
}

const WINDOWS =
  'Get-CimInstance Win32_Process -Filter "Name LIKE \'node%\'" | ForEach-Object { "$($_.ProcessId) $($_.CommandLine)" }';

async function fromSystem(): Promise<NodeProcess[]> {
  const options = { timeout: TIMEOUT_MS, maxBuffer: 2 ** 26, windowsHide: true };
  const [program, args] =
    process.platform === 'win32'
      ? ['powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', WINDOWS]]
      : ['ps', ['-axww', '-o', 'pid=,command=']];
  const { stdout } = await run(program, args, options).catch((error: unknown) => {
    throw new Error(`${program}, which lists the processes, ${reasonOf(error)}`);
  });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*?)\s*$/.exec(line) ?? [];
    return pid === undefined || command === undefined ? [] : [{ pid: Number(pid), command: wordsOf(command) }];
  });
}

function reasonOf(error: unknown): string {
  const { code, killed } = asJson(error);
  if (killed === true) return `has not answered for ${TIMEOUT_MS / 1000} s`;
  return code === 'ENOENT' ? 'is not on PATH' : `has failed (${String(code)})`;
}

/** The program of a Windows command is often quoted. */
function wordsOf(command: string): string[] {
  const [, quoted, rest = ''] = /^"([^"]*)"\s*(.*)$/.exec(command) ?? [];
  if (quoted === undefined) return command.split(/\s+/);
  return [quoted, ...rest.split(/\s+/).filter((word) => word !== '')];
}

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

/** This process is asked for as well, whatever its name: where the answer is without it, the list is none. The command of another user's process is not told, its name is. */
const WINDOWS = `[Console]::OutputEncoding = [Text.Encoding]::UTF8; Get-CimInstance Win32_Process -Filter "Name LIKE 'node%' OR ProcessId = ${process.pid}" | ForEach-Object { "$($_.ProcessId) $(if ($_.CommandLine) { $_.CommandLine } else { $_.Name })" }`;

async function fromSystem(): Promise<NodeProcess[]> {
  const isWindows = process.platform === 'win32';
  const all = isWindows
    ? listed(await answerOf('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', WINDOWS]))
    : listed(
        await answerOf('ps', ['-axww', '-o', 'pid=,command=']),
        await answerOf('ps', ['-axww', '-o', 'pid=,comm=']),
      );
  if (!all.some(({ pid }) => pid === process.pid))
    throw new Error(`${isWindows ? 'powershell.exe' : 'ps'}, which lists the processes, has left out this one`);
  return all;
}

async function answerOf(program: string, args: string[]): Promise<string> {
  const options = { timeout: TIMEOUT_MS, maxBuffer: 2 ** 26, windowsHide: true };
  const { stdout } = await run(program, args, options).catch((error: unknown) => {
    throw new Error(`${program}, which lists the processes, ${reasonOf(error)}`);
  });
  return stdout;
}

/** The processes of a list with a number and a command in each line; `programs`: the same with the first word of the command alone, which may have spaces. */
export function listed(commands: string, programs = ''): NodeProcess[] {
  const names = new Map(linesOf(programs));
  return linesOf(commands).map(([pid, command]) => ({ pid, command: wordsOf(command, names.get(pid)) }));
}

/** Where options of Node's may be: the command of a process, and its environment where macOS tells it; empty when it does not answer. */
export async function wordsOnMac(pid: number): Promise<string[]> {
  return wordsWithEnvironment(await answerOf('ps', ['-Eww', '-o', 'command=', '-p', String(pid)]).catch(() => ''));
}

/** The words of a command that the environment follows: options of `NODE_OPTIONS` are words like any others. */
export const wordsWithEnvironment = (text: string): string[] =>
  split(text).map((word) => word.replace(/^NODE_OPTIONS=/, ''));

function linesOf(text: string): [pid: number, rest: string][] {
  return text.split('\n').flatMap((line) => {
    const [, pid, rest] = /^\s*(\d+)\s+(.*?)\s*$/.exec(line) ?? [];
    return pid === undefined || rest === undefined ? [] : [[Number(pid), rest]];
  });
}

function reasonOf(error: unknown): string {
  const { code, killed } = asJson(error);
  if (killed === true) return `has not answered for ${TIMEOUT_MS / 1000} s`;
  return code === 'ENOENT' ? 'is not on PATH' : `has failed (${String(code)})`;
}

/** The program of a Windows command is often quoted. */
function wordsOf(command: string, program: string | undefined): string[] {
  const [, quoted, rest = ''] = /^"([^"]*)"\s*(.*)$/.exec(command) ?? [];
  if (quoted !== undefined) return [quoted, ...split(rest)];
  if (program === undefined || !`${command} `.startsWith(`${program} `)) return split(command);
  return [program, ...split(command.slice(program.length))];
}

const split = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** Runs small programs under a chosen Node with the agent, and collects all that comes out of them. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { agentText } from '../../scripts/agent-text.mjs';
import type { AgentEvent } from '../../src/protocol/agent.ts';
import { WATCH_FILE } from '../../src/protocol/watch.ts';

/** What to run and how; exactly one of `source` and `file`. */
export interface RunOptions {
  source?: string;
  file?: string;
  /** The source is an ES module. */
  esm?: boolean;
  /** More files of the program's folder: name to content. */
  files?: Record<string, string>;
  args?: string[];
  execArgv?: string[];
  env?: Record<string, string>;
  /** Start the watchdog of `async-lens run`; `durationMs` as there. */
  watch?: { durationMs: number | null };
  /** False: the same program without the agent. */
  agent?: boolean;
  /** Called with all of stdout so far, after every piece of it; the process can be killed from here. */
  onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** The program is killed with SIGKILL after this time, milliseconds (default 30 000). */
  timeoutMs?: number;
}

export interface RunResult {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Path of the program that ran. */
  file: string;
  /** All events of all processes and threads, by event file name. */
  spool: Record<string, AgentEvent[]>;
  /** The same in one list; events of one file stay in order. */
  events: AgentEvent[];
  durationMs: number;
}

/** Path of the Node that tests run programs with: that of `version` (a major number), of ASYNC_LENS_TEST_NODE, or this one. */
export function nodeBinary(version?: number): string {
  if (version !== undefined) {
    const home = process.env['HOME'] ?? '';
    return join(home, '.cache', 'async-lens', `node-${version}`, 'node_modules', 'node', 'bin', 'node');
  }
  return process.env['ASYNC_LENS_TEST_NODE'] ?? process.execPath;
}

/** Major version of the Node that tests run programs with. */
export function nodeMajor(): number {
  const version = execFileSync(nodeBinary(), ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return Number.parseInt(version, 10);
}

let bundle: string | undefined;

/** Path of an agent bundle made from the sources of this moment; built once per test process, in a folder with a space in its name. */
export function agentBundle(): string {
  if (bundle === undefined) {
    const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'lens-agent-'))), 'a folder');
    bundle = join(folder, 'preload.cjs');
    mkdirSync(folder);
    writeFileSync(bundle, agentText());
    process.once('exit', () => rmSync(dirname(folder), { recursive: true, force: true }));
  }
  return bundle;
}

/** Value of NODE_OPTIONS that loads the agent at `path`. */
export function agentOption(path = agentBundle()): string {
  return `--require "${path.replaceAll('\\', '\\\\')}"`;
}

/** Runs a program to its end with the agent (unless `agent` is false). The program's folder is temporary and always removed. */
export async function runWithAgent(options: RunOptions): Promise<RunResult> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens-run-')));
  try {
    const spoolFolder = join(folder, 'spool');
    mkdirSync(spoolFolder);
    for (const [name, text] of Object.entries(options.files ?? {})) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const file = options.file ?? join(folder, options.esm ? 'main.mjs' : 'main.cjs');
    if (options.source !== undefined) {
      writeFileSync(file, options.source);
    }
    const env: NodeJS.ProcessEnv = { ...process.env, NODE_OPTIONS: undefined, ...options.env };
    if (options.agent !== false) {
      env['NODE_OPTIONS'] = [options.env?.['NODE_OPTIONS'], agentOption()].filter(Boolean).join(' ');
      env['ASYNC_LENS_SPOOL'] = spoolFolder;
      if (options.watch !== undefined) {
        writeFileSync(join(spoolFolder, WATCH_FILE), JSON.stringify(options.watch));
      }
    }
    const ended = await runToEnd([...(options.execArgv ?? []), file, ...(options.args ?? [])], folder, env, options);
    const spool = readSpool(spoolFolder);
    return { ...ended, file, spool, events: Object.values(spool).flat() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Events of a spool folder by file name; an unfinished last line (a killed process) is left out. */
export function readSpool(folder: string): Record<string, AgentEvent[]> {
  const spool: Record<string, AgentEvent[]> = {};
  for (const name of readdirSync(folder).sort()) {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
    // An event told while another is being written ends that one's line first.
    const told = lines.filter((line) => line !== '');
    spool[name] = told.map((line) => JSON.parse(line) as AgentEvent);
  }
  return spool;
}

function runToEnd(
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  options: RunOptions,
): Promise<Omit<RunResult, 'file' | 'spool' | 'events'>> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(nodeBinary(), args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 30_000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(stdout, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, code, signal, durationMs: performance.now() - start });
    });
  });
}

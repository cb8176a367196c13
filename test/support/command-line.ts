/** Runs the command line on small programs, from a bundle of its own in a folder with spaces, and collects all that comes out. */
import { buildSync } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { agentText } from '../../scripts/agent-text.mjs';
import type { Report, ReportTask } from '../../src/protocol/report.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The built command line and a folder for programs, both removed by `remove`. */
export interface CommandLine {
  /** Holds the programs and is their working directory; its name has a space. */
  folder: string;
  /** Path of the command line itself. */
  main: string;
  /** Path of the agent it uses. */
  agent: string;
  /** Writes a program and gives its path. */
  write(name: string, source: string): string;
  /** Calls the command line with these arguments. */
  call(args: string[], options?: CallOptions): Promise<CallResult>;
  /** `async-lens run --json ... -- args`. */
  run(args: string[], options?: CallOptions): Promise<CallResult & { report: Report }>;
  remove(): void;
}

/** How to call. */
export interface CallOptions {
  env?: Record<string, string>;
  stdin?: string;
  /** Options of `async-lens run`. */
  options?: string[];
  /** Called with all of stdout so far, after every piece of it. */
  onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** What to call instead of the command line. */
  main?: string;
}

/** What came out. */
export interface CallResult {
  stdout: string;
  stderr: string;
  code: number | null;
  /** Names of the temporary files that were left behind. */
  left: string[];
}

const TIMEOUT_MS = 40_000;

/** Builds the command line and the agent from the sources of this moment. */
export function buildCommandLine(): CommandLine {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'lens command line-')));
  const folder = join(base, 'some programs');
  const main = join(base, 'a tool', 'cli', 'main.js');
  const agent = join(base, 'a tool', 'agent', 'preload.cjs');
  mkdirSync(folder);
  const common = { absWorkingDir: root, bundle: true, platform: 'node', format: 'cjs', target: 'node20' } as const;
  const define = { ASYNC_LENS_VERSION: '"1.2.3"' };
  buildSync({ ...common, entryPoints: ['src/cli/main.ts'], outfile: main, define });
  mkdirSync(dirname(agent));
  writeFileSync(agent, agentText());

  async function call(args: string[], options: CallOptions = {}): Promise<CallResult> {
    const temporary = mkdtempSync(join(base, 'temporary-'));
    const { NODE_OPTIONS: _, ...environment } = process.env;
    const env = { ...environment, TMPDIR: temporary, TEMP: temporary, TMP: temporary, ...options.env };
    const ended = await collect([options.main ?? main, ...args], folder, env, options);
    return { ...ended, left: readdirSync(temporary) };
  }

  return {
    folder,
    main,
    agent,
    call,
    write(name, source) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, source);
      return file;
    },
    async run(args, options = {}) {
      const json = join(mkdtempSync(join(base, 'report-')), 'report.json');
      const result = await call(['run', '--json', json, ...(options.options ?? []), '--', ...args], options);
      return { ...result, report: JSON.parse(readFileSync(json, 'utf8')) as Report };
    },
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** Runs this Node.js with the given arguments and nothing of ours. */
export function runBare(args: string[], cwd: string, options: CallOptions = {}): Promise<Omit<CallResult, 'left'>> {
  return collect(args, cwd, { ...process.env, ...options.env }, options);
}

function collect(
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  options: CallOptions,
): Promise<Omit<CallResult, 'left'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, env, stdio: 'pipe', detached: true });
    // A group of its own, so that nothing it started can outlive a test that failed.
    const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), TIMEOUT_MS);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(stdout, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, code });
    });
    child.stdin.end(options.stdin ?? '');
  });
}

/** The names of tasks and of what they await, in order. */
export function names(tasks: readonly ReportTask[]): string[] {
  return tasks.flatMap(({ name, children }) => [name, ...names(children)]);
}

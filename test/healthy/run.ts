/** Runs one program without and with Async Lens, and says what of it must be equal and what was found. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, Report } from '../../src/protocol/report.ts';
import { nodeBinary } from '../support/run-node.ts';
import type { HealthyProgram } from './programs.ts';

/** What others see of a program that ran. */
export interface Seen {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Where and how. */
export interface Place {
  /** The folder of packages. */
  packages: string;
  /** In it, a copy of the programs and the project of this folder. */
  work: string;
  /** The command line's main file. */
  main: string;
  /** For reports. */
  temporary: string;
  env: Record<string, string>;
}

/** On a busy machine a tool takes many times as long as alone. */
const TIMEOUT_MS = 150_000;
let reports = 0;

/** The program alone. */
export function runAlone(program: HealthyProgram, place: Place): Promise<Seen> {
  return collect([nodeBinary(), ...program.args], program, place);
}

/** The program under `async-lens run`; without findings when it left no report. */
export async function runUnderLens(
  program: HealthyProgram,
  place: Place,
): Promise<Seen & { findings: Finding[] | undefined }> {
  const json = join(place.temporary, `${++reports}.json`);
  const command = [process.execPath, place.main, 'run', '--json', json, '--', nodeBinary(), ...program.args];
  const seen = await collect(command, program, place);
  const report = existsSync(json) ? (JSON.parse(readFileSync(json, 'utf8')) as Report) : undefined;
  return { ...seen, findings: report?.findings };
}

/** What has to be equal: numbers are times, sizes and ports. */
export function comparable({ code, stdout }: Seen): string {
  return `exit code ${code}\n${stdout.replaceAll(/\d+(?:\.\d+)?/g, 'N')}`;
}

function collect([file = '', ...args]: string[], program: HealthyProgram, place: Place): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _, ...environment } = process.env;
    const child = spawn(file, args, {
      cwd: program.own === undefined ? join(place.work, program.folder) : join(place.packages, 'own', program.own),
      env: { ...environment, ...place.env, CI: '1', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    // A group of its own, so that nothing it started can outlive it.
    const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), TIMEOUT_MS);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Makes sure, before a program is started, that it is there and that its runtime is a supported Node.js. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LaunchArguments } from '../protocol/dap.ts';
import { agentMissing, badArguments, nodeTooOld, OLDEST_NODE, programNotFound, runtimeNotFound } from './errors.ts';

/** A checked launch. */
export interface Runtime {
  executable: string;
  cwd: string;
  program: string;
}

const VERSION_MS = 10_000;

/** Checks program, working directory, agent and runtime; rejects with the error that names the first thing missing. */
export async function findRuntime(args: LaunchArguments, agentFile: string, env: NodeJS.ProcessEnv): Promise<Runtime> {
  const cwd = resolve(args.cwd ?? '.');
  if (!existsSync(cwd)) throw badArguments(`There is no folder ${cwd}; correct "cwd" in the launch configuration`);
  const program = resolve(cwd, args.program);
  if (![program, `${program}.js`].some((path) => existsSync(path))) throw programNotFound(program);
  if (!existsSync(agentFile)) throw agentMissing(agentFile);
  const executable = args.runtimeExecutable ?? 'node';
  const version = await versionOf(executable, cwd, env);
  const major = /^(?:node )?v(\d+)\./m.exec(version)?.[1];
  if (major === undefined)
    throw badArguments(`"runtimeExecutable" must be Node.js, and ${executable} is something else`);
  if (Number(major) < OLDEST_NODE) throw nodeTooOld(version.trim());
  return { executable, cwd, program };
}

function versionOf(executable: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((settle, reject) => {
    const options = { cwd, timeout: VERSION_MS, env: { ...env, NODE_OPTIONS: '' } };
    execFile(executable, ['--version'], options, (error, stdout) => {
      if (error !== null && stdout === '') reject(runtimeNotFound(executable));
      else settle(stdout);
    });
  });
}

/** Starts a program with the agent and an inspector of its own, and makes sure that nothing of it outlives the debug session. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { SPOOL_VARIABLE, type Hello } from '../protocol/agent.ts';
import type { LaunchArguments } from '../protocol/dap.ts';
import type { ProcessEnd } from '../model/program.ts';
import { messageOf } from './asking.ts';
import { launchFailed } from './errors.ts';
import { variableKey, withAgent } from './node-options.ts';
import { createOutputFilter } from './output-filter.ts';
import { findRuntime, type Runtime } from './runtime.ts';
import { leaveSpoolFolder, makeSpoolFolder, sweepSpoolFolders } from './spool-folder.ts';
import { mainThreadOf, readSpool } from './spool-reader.ts';

/** A program of this session. */
export interface Launched {
  pid: number;
  /** Folder of its event files. */
  spool: string;
  /** What it said first; undefined when it ended without a word. */
  hello: Promise<Hello | undefined>;
  /** Settles when the process is gone and its output has been passed on. */
  ended: Promise<ProcessEnd>;
  /** Asks it to end. */
  terminate(): void;
  /** Ends it and what it started: asked first, forced after a second. */
  kill(): Promise<void>;
  /** The same at once and by force, for when this process itself is about to end; removes the event files, too. */
  killNow(): void;
  /** Removes the event files. */
  cleanUp(): void;
}

const HELLO_POLL_MS = 10;
const GRACE_MS = 1000;
/** Output of grandchildren that keep the pipes open is not waited for longer than this. */
const DRAIN_MS = 500;

/** Starts the program; rejects with the coded error that says what is wrong. `output` gets its text as it comes. */
export async function launchProgram(
  args: LaunchArguments,
  agentFile: string,
  output: (category: 'stdout' | 'stderr', text: string) => void,
): Promise<Launched> {
  const env = environment(args.env ?? {});
  const runtime = await findRuntime(args, agentFile, env);
  sweepSpoolFolders();
  const spool = makeSpoolFolder();
  const cleanUp = () => leaveSpoolFolder(spool);
  try {
    const key = variableKey(env, 'NODE_OPTIONS', process.platform);
    env[key] = withAgent(agentFile, env[key]);
    env[SPOOL_VARIABLE] = spool;
    const child = await start(args, runtime, env);
    const pid = child.pid ?? 0;
    const ended = follow(child, output);
    let asked = false;
    const ask = () => {
      asked = true;
      signal(child, 'SIGTERM');
    };
    // A program that ended by itself may have left children running on purpose.
    const leftAlone = () => !asked && (child.exitCode !== null || child.signalCode !== null);
    const killNow = () => {
      if (!leftAlone()) signal(child, 'SIGKILL');
      cleanUp();
    };
    // Also when this process fails, or ends while the launch is not complete.
    process.once('exit', killNow);
    return {
      pid,
      spool,
      ended,
      hello: firstWord(spool, pid, ended),
      cleanUp,
      terminate: ask,
      async kill() {
        if (leftAlone()) return;
        ask();
        await Promise.race([ended, delay(GRACE_MS, undefined, { ref: false })]);
        signal(child, 'SIGKILL');
        await Promise.race([ended, delay(GRACE_MS, undefined, { ref: false })]);
      },
      killNow,
    };
  } catch (error) {
    cleanUp();
    throw error;
  }
}

function environment(changes: Record<string, string | null>): NodeJS.ProcessEnv {
  const env = { ...process.env };
  // The editor runs this adapter by its own executable as Node; that is no business of the program.
  delete env['ELECTRON_RUN_AS_NODE'];
  for (const [name, value] of Object.entries(changes)) {
    const key = variableKey(env, name, process.platform);
    if (value === null) delete env[key];
    else env[key] = value;
  }
  return env;
}

function start(
  args: LaunchArguments,
  { executable, cwd, program }: Runtime,
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  const inspector = ['--inspect=127.0.0.1:0', '--inspect-publish-uid=http'];
  const child = spawn(executable, [...inspector, ...(args.runtimeArgs ?? []), program, ...(args.args ?? [])], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that what it starts can be ended with it.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child));
    child.once('error', (error) => reject(launchFailed(messageOf(error))));
  });
}

function follow(
  child: ChildProcess,
  output: (category: 'stdout' | 'stderr', text: string) => void,
): Promise<ProcessEnd> {
  const filter = createOutputFilter();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => output('stdout', text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => output('stderr', filter.write(text)));
  child.stderr?.on('end', () => output('stderr', filter.end()));
  return new Promise((resolve) => {
    const closed = new Promise<void>((settle) => child.once('close', () => settle()));
    child.once('exit', (code, signalName) => {
      void Promise.race([closed, delay(DRAIN_MS)]).then(() => resolve({ code, signal: signalName }));
    });
  });
}

/** Reads the event files until the program says hello; the first thing it does. */
async function firstWord(spool: string, pid: number, ended: Promise<ProcessEnd>): Promise<Hello | undefined> {
  let over = false;
  void ended.then(() => (over = true));
  for (;;) {
    const last = over;
    const hello = mainThreadOf(readSpool(spool), pid)?.events.find((event) => event.event === 'hello');
    if (hello !== undefined || last) return hello;
    await delay(HELLO_POLL_MS);
  }
}

function signal(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (process.platform !== 'win32') process.kill(-pid, name);
    else spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true });
  } catch {
    // The whole group is gone already, which is what was wanted.
  }
}

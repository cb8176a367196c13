/** Runs one workload in one variant as a child process and talks to it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectInspector } from './cdp.mjs';

function environment(variant, agent) {
  const env = { ...process.env };
  delete env.NODE_OPTIONS;
  if (variant.options !== undefined) env.NODE_OPTIONS = variant.options;
  if (variant.agent) env.NODE_OPTIONS = `--require ${JSON.stringify(agent)}`;
  return env;
}

/** Questions to a forked child by its IPC channel; an answer `{ error }` and the end of the child reject. */
function caller(child, stderr) {
  const waiting = new Map();
  let lastId = 0;
  child.on('message', ({ id, value, error }) => {
    const answer = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) answer.resolve(value);
    else answer.reject(new Error(error));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values())
      reject(new Error(`the workload ended with ${code ?? signal}:\n${stderr()}`));
    waiting.clear();
  });
  return (command, argument) =>
    new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      child.send({ id: lastId, command, argument });
    });
}

/**
 * `open` starts it another way than as a child process; else: starts a workload, lets `work` measure it and ends it; `work` gets `call(command, argument)` and `client`, an inspector client when the
 * variant has one or `inspect` asks for it.
 */
export async function withProgram(
  { node, workload, variant, agent, execArgv = [], inspect = false, open: start },
  work,
) {
  if (start) return start(workload, work);
  const open = inspect || variant.attach !== undefined;
  const child = fork(fileURLToPath(new URL(`workloads/${workload}.mjs`, import.meta.url)), [], {
    execPath: node,
    execArgv: open ? [...execArgv, '--inspect=127.0.0.1:0'] : execArgv,
    env: environment(variant, agent),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors = (errors + chunk).slice(-4000)));
  const call = caller(child, () => errors);
  let client;
  try {
    const { inspectorUrl } = await call('hello');
    client = open ? await connectInspector(inspectorUrl) : undefined;
    const detach = await variant.attach?.(client);
    const result = await work({ call, client });
    detach?.();
    return result;
  } finally {
    await client?.close();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

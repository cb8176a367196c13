/** Starts and stops the code-server process that serves the workbench and hosts the extensions. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The environment of a VS Code that nobody started from inside another one. */
function cleanEnvironment(extra) {
  const env = { ...process.env, EXTENSIONS_GALLERY: '{}', ...extra };
  for (const name of Object.keys(env)) {
    if (/^(VSCODE_|ELECTRON_|npm_)|^(NODE_OPTIONS|INIT_CWD)$/.test(name)) delete env[name];
  }
  return env;
}

/** A folder of built-in extensions without the named ones: links to all the others. */
function builtinsWithout(vscode, disabled, target) {
  const source = path.join(vscode, 'extensions');
  mkdirSync(target);
  for (const name of readdirSync(source)) {
    if (!disabled.includes(name)) symlinkSync(path.join(source, name), path.join(target, name));
  }
  return target;
}

/** Command line common to installing an extension and to serving. */
function commonArguments(tools, options) {
  const config = path.join(options.temporary, 'config.yaml');
  writeFileSync(config, '{}\n');
  return [tools.entry, '--config', config, '--user-data-dir', options.userData, '--extensions-dir', options.extensions];
}

/** Installs .vsix files into the profile; rejects when code-server refuses one. */
export async function installExtensions(tools, options, files) {
  for (const file of files) {
    const args = [...commonArguments(tools, options), '--install-extension', path.resolve(file)];
    const child = spawn(tools.node, args, { env: cleanEnvironment({}), stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`installing ${file} ended with ${code}:\n${errors}`);
  }
}

/** Serves the workbench on a free loopback port: its `url`, a promise of its end, and how to stop it. */
export async function startServer(tools, options) {
  const port = await freePort();
  const args = [
    ...commonArguments(tools, options),
    '--auth=none',
    `--bind-addr=127.0.0.1:${port}`,
    '--disable-telemetry',
    '--disable-update-check',
    '--disable-workspace-trust',
    '--disable-getting-started-override',
    '--disable-proxy',
  ];
  if (options.disabled.length > 0) {
    const builtins = builtinsWithout(tools.vscode, options.disabled, path.join(options.temporary, 'builtin'));
    args.push('--builtin-extensions-dir', builtins);
  }
  const log = path.join(options.output, 'server.log');
  const file = openSync(log, 'w');
  // A process group of its own, so that nothing it started outlives it.
  const child = spawn(tools.node, args, {
    env: cleanEnvironment(options.env),
    stdio: ['ignore', file, file],
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${tools.node} could not be started`);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const signal = (name) => {
    try {
      process.kill(-pid, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error; // it has ended already
    }
  };
  const stop = async () => {
    signal('SIGTERM');
    await Promise.race([ended, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
    signal('SIGKILL');
  };
  const url = `http://127.0.0.1:${port}/`;
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await answers(`${url}healthz`))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`code-server did not start; see ${log}`);
    }
    await sleep(50);
  }
  return { url, ended, stop };
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false; // not listening yet
  }
}

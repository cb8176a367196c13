/** The ways in which the soak's program is observed: by the watchdog of `async-lens run`, and by the adapter as VS Code starts it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SERVER = path.join(ROOT, 'test', 'soak', 'server.mjs');
const AGENT = path.join(ROOT, 'dist', 'agent', 'preload.cjs');
const ADAPTER = path.join(ROOT, 'dist', 'adapter', 'main.js');
/** As often the views of VS Code ask while they are open. */
const VIEW_MS = 1000;

/** Starts the program on this Node; resolves with where it is and how to end it. `agent`: undefined without Async Lens; its `watch` is for the watchdog. */
async function startServer(node, options, agent) {
  const spool = mkdtempSync(path.join(tmpdir(), 'lens-soak-'));
  if (agent?.watch !== undefined) writeFileSync(path.join(spool, 'watch.json'), JSON.stringify(agent.watch));
  const variables = agent === undefined ? {} : { NODE_OPTIONS: `--require "${AGENT}"`, ASYNC_LENS_SPOOL: spool };
  const environment = { ...process.env, ...variables };
  const child = spawn(node, ['--expose-gc', ...options, SERVER], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  const inspector = new Promise((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors += text;
      const url = /^Debugger listening on (ws:\S+)$/m.exec(errors)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  let end;
  child.once(
    'exit',
    (code, signal) => (end = `the program of the soak ended with ${code ?? signal}: ${errors.trim()}`),
  );
  const address = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => reject(new Error(end)));
  });
  return {
    address,
    inspector,
    spool,
    /** Set when the program has ended by itself. */
    end: () => end,
    spoolBytes: () => readdirSync(spool).reduce((sum, name) => sum + statSync(path.join(spool, name)).size, 0),
    stop() {
      child.kill('SIGKILL');
      rmSync(spool, { recursive: true, force: true });
    },
  };
}

/** Without Async Lens: what the program and Node themselves need. */
export function alone(node) {
  return startServer(node, []);
}

/** Under the watchdog, as `async-lens run` does. */
export function underWatchdog(node) {
  return startServer(node, [], { watch: { durationMs: null } });
}

/** With the adapter attached, which is asked for the tree as views that are open do. */
export async function underAdapter(node) {
  const server = await startServer(node, ['--inspect=127.0.0.1:0'], {});
  const adapter = spawn(process.execPath, [ADAPTER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const session = newSession(adapter);
  await session.ask('initialize', { adapterID: 'async-lens', pathFormat: 'path' });
  await session.ask('attach', { url: await server.inspector, spool: server.spool });
  const timer = setInterval(() => void session.ask('asyncLens/snapshot', {}).catch(() => undefined), VIEW_MS);
  return {
    ...server,
    adapterPid: adapter.pid,
    answers: () => session.answers,
    stop() {
      clearInterval(timer);
      adapter.kill('SIGKILL');
      server.stop();
    },
  };
}

/** Requests of the debug adapter protocol; events are passed over. */
function newSession(adapter) {
  const waiting = new Map();
  const session = { answers: 0, ask };
  let unread = Buffer.alloc(0);
  let last = 0;
  function ask(command, args) {
    const seq = ++last;
    const text = JSON.stringify({ seq, type: 'request', command, arguments: args });
    adapter.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    return new Promise((resolve, reject) => waiting.set(seq, { resolve, reject }));
  }
  function take(message) {
    if (message.type !== 'response') return;
    const { resolve, reject } = waiting.get(message.request_seq);
    waiting.delete(message.request_seq);
    session.answers++;
    if (message.success) resolve(message.body);
    else reject(new Error(message.message));
  }
  adapter.stdout.on('data', (data) => {
    unread = Buffer.concat([unread, data]);
    for (;;) {
      const end = unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(unread.toString('utf8', 0, end))[1]);
      if (unread.length < end + 4 + length) return;
      take(JSON.parse(unread.toString('utf8', end + 4, end + 4 + length)));
      unread = unread.subarray(end + 4 + length);
    }
  });
  return session;
}

/** Runs workloads in debug sessions of a real VS Code, and bare beside it: the bench listens, programs and extension host connect. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const DEBUGGEE = fileURLToPath(new URL('debuggee.mjs', import.meta.url));

/** The ways to start a program; `launch` is what a launch configuration says beside the program. */
export const SESSIONS = [
  { name: 'bare' },
  { name: 'default', launch: { asyncLens: false } },
  { name: 'default + us', launch: { asyncLens: true }, joined: true },
  { name: 'lens', launch: { asyncLens: { asyncStacks: 'lens' } }, joined: true },
  { name: 'no stacks', launch: { asyncLens: false, showAsyncStacks: false } },
];

export const SESSION_CAPTION = [
  'bare: node alone, without a debugger.',
  "default: an ordinary F5 session of VS Code's JavaScript debugger, no Async Lens, no breakpoint.",
  'default + us: the same with Async Lens, its tree visible.',
  'lens: with Async Lens and "asyncLens.asyncStacks": "lens".',
  'no stacks: the debugger alone with "showAsyncStacks": false, the least that a session can cost.',
].join('\n');

/** Questions to whoever is at the other end of a connection; an answer `{ error }` and the end of the connection reject. */
function caller(socket, what) {
  const waiting = new Map();
  let lastId = 0;
  createInterface({ input: socket }).on('line', (line) => {
    const { id, value, error } = JSON.parse(line);
    const answer = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) answer?.resolve(value);
    else answer?.reject(new Error(error));
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error(`${what} is gone`));
    waiting.clear();
  });
  return (command, argument) =>
    new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      socket.write(`${JSON.stringify({ id: lastId, command, argument })}\n`);
    });
}

/** `port` is for the first to connect, the extension host, and then for one program at a time. */
export async function listen() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const connection = async () => (await once(server, 'connection'))[0];
  let host;
  return {
    port,
    async extensionHost() {
      const socket = await connection();
      host = { socket, call: caller(socket, 'the extension host') };
    },
    /** As `open` of a bench setup: runs a workload in `session` and lets `work` measure it. */
    opener: (session, node) => async (workload, work) => {
      const connected = connection();
      const args = [workload, String(port)];
      const launch = {
        type: 'node',
        request: 'launch',
        name: 'bench',
        program: DEBUGGEE,
        args,
        runtimeExecutable: node,
      };
      const child = session.launch ? undefined : spawn(node, [DEBUGGEE, ...args], { stdio: 'ignore' });
      const { launch: more, joined = false } = session;
      const started = child ? undefined : host.call('start', { configuration: { ...launch, ...more }, joined });
      const socket = await connected;
      const call = caller(socket, 'the workload');
      try {
        await started;
        return await work({ call });
      } finally {
        if (child) socket.destroy();
        else await host.call('stop');
      }
    },
    close() {
      host?.socket.destroy();
      server.close();
    },
  };
}

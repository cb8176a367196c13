/** What is measured: each measure runs one workload in one variant and gives named numbers. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withProgram } from './program.mjs';

/** Until then the optimising compiler is at work: after 6000 requests a bare server still takes 21 us for one, after these 12 (Node 24). */
const WARM_UP_REQUESTS = 40_000;

/** Starts the load generator; `send` resolves when the server has answered that many requests. */
export function startLoad() {
  const child = fork(fileURLToPath(new URL('load.mjs', import.meta.url)), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return {
    send(port, amount) {
      return new Promise((resolve, reject) => {
        child.once('message', ({ error, requests }) => (error ? reject(new Error(error)) : resolve(requests)));
        child.send({ url: `http://127.0.0.1:${port}/`, amount });
      });
    },
    stop: () => child.disconnect(),
  };
}

function server(name, workload) {
  return {
    name,
    unit: 'us CPU per request',
    run: (setup, sizes, load) =>
      withProgram({ ...setup, workload }, async ({ call }) => {
        const port = await call('port');
        await load.send(port, WARM_UP_REQUESTS);
        await call('begin');
        const requests = await load.send(port, sizes.requests);
        const { cpuMs, rssMb } = await call('end');
        return { [name]: (cpuMs * 1000) / requests, [`${name}, RSS`]: { value: rssMb, unit: 'MB' } };
      }),
  };
}

/**
 * V8 doubles its young generation again and again while objects survive in it, bare or not, if not after the same number of requests; a server that has answered a million has mostly come to the
 * largest size. So both begin with that. Megabytes (Node 20 to 26).
 */
const GROWN = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

function grownServer(name, workload) {
  return {
    name,
    unit: 'MB',
    run: (setup, sizes, load) =>
      withProgram({ ...setup, workload, execArgv: GROWN }, async ({ call }) => {
        const port = await call('port');
        await load.send(port, WARM_UP_REQUESTS);
        await call('begin');
        await load.send(port, sizes.requests);
        const { rssMb } = await call('end');
        return { [`${name}, RSS`]: rssMb };
      }),
  };
}

export const MEASURES = [
  {
    name: 'await',
    unit: 'ns',
    run: (setup, sizes) =>
      withProgram({ ...setup, workload: 'await' }, ({ call }) => call('measure', { ms: sizes.awaitMs })),
  },
  server('http hello', 'http'),
  server('fastify', 'fastify'),
  grownServer('http hello grown', 'http'),
  grownServer('fastify grown', 'fastify'),
  {
    name: 'sync calls',
    unit: 'ns',
    run: (setup) => withProgram({ ...setup, workload: 'calls' }, ({ call }) => call('measure')),
  },
  {
    name: 'idle',
    unit: 'us CPU per second',
    run: (setup, { idleMs }) =>
      withProgram({ ...setup, workload: 'idle' }, async ({ call }) => {
        // Until it rests, and V8 has collected what start-up has left behind, some 8 s after it.
        await call('wait', { ms: 10_000 });
        await call('begin');
        await call('wait', { ms: idleMs });
        const { cpuMs } = await call('end');
        return { idle: (cpuMs * 1e6) / idleMs };
      }),
  },
  {
    name: 'I/O mix',
    unit: 'ms',
    run: (setup, sizes) =>
      withProgram({ ...setup, workload: 'io' }, ({ call }) =>
        call('measure', { steps: sizes.ioSteps, laterSteps: sizes.ioLaterSteps }),
      ),
  },
  {
    name: 'pending call',
    unit: 'bytes of heap',
    run: (setup, sizes) =>
      withProgram({ ...setup, workload: 'pending', execArgv: ['--expose-gc'] }, async ({ call }) => ({
        'pending call': await call('suspend', { count: sizes.pending }),
      })),
  },
];

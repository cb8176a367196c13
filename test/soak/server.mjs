/** The program of the soak: a server with timers, files, sockets, streams, locks and failures, which makes its own requests until it is ended. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter, once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { getHeapSpaceStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { createGzip } from 'node:zlib';

const CLIENTS = 8;
/** Between two requests of one client, milliseconds. */
const PAUSE_MS = 30;
/** Nothing takes that long, not on a starved machine either. */
const LIMIT_MS = 60_000;
const FILE = fileURLToPath(import.meta.url);
const storage = new AsyncLocalStorage();
const bus = new EventEmitter();
const longLived = new AbortController();
let turn = Promise.resolve();

/** A lock as programs write them by hand. */
async function locked(work) {
  const before = turn;
  let release;
  turn = new Promise((resolve) => (release = resolve));
  await before;
  try {
    return await work();
  } finally {
    release();
  }
}

async function withTimeLimit(promise) {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, sleep(LIMIT_MS, undefined, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

async function echo(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('hello');
  const [data] = await once(socket, 'data');
  socket.end();
  await once(socket, 'close');
  return String(data);
}

const routes = {
  timers: () => Promise.all([1, 2, 3].map((ms) => sleep(ms, ms))),
  files: async () => (await Promise.all([readFile(FILE, 'utf8'), stat(FILE)]))[0].length,
  socket: () => echo(tcp.address().port),
  lock: () => locked(() => sleep(1)),
  race: () => withTimeLimit(sleep(2, 'first')),
  signal: () => sleep(1, 'done', { signal: AbortSignal.any([longLived.signal, AbortSignal.timeout(LIMIT_MS)]) }),
  event: async () => {
    setTimeout(() => bus.emit('news', 1), 1);
    return (await once(bus, 'news'))[0];
  },
  failure: () => Promise.reject(new Error('meant')).catch(({ message }) => message),
  context: () => storage.run({ id: 1 }, async () => (await sleep(1), storage.getStore().id)),
  lost: () => {
    void new Promise(() => {}).then(() => {}); // collected while it is pending
    return 'lost';
  },
  stall: async () => {
    for (const end = performance.now() + 60; performance.now() < end;);
    return 'stalled';
  },
  thread: async () => (await once(new Worker('process.exit(7)', { eval: true }), 'exit'))[0],
};
const names = Object.keys(routes);
/** Costly ones come rarely. */
const RARE = new Map([
  ['stall', 200],
  ['thread', 400],
]);

const tcp = createTcpServer((socket) => socket.pipe(socket));
tcp.listen(0, '127.0.0.1');
await once(tcp, 'listening');

let answered = 0;
async function answer(request, response) {
  const route = request.url.slice(1);
  if (route === 'memory') response.end(JSON.stringify(memory()));
  else if (route === 'stream') await pipeline(createReadStream(FILE), createGzip(), response);
  else response.end(JSON.stringify(await routes[route]()));
}

const server = createServer((request, response) => void answer(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = `http://127.0.0.1:${server.address().port}`;

/** After a collection: bytes, and the lengths of the agent's lists as its snapshot tells them. */
function memory() {
  globalThis.gc();
  const { heapUsed, rss, external } = process.memoryUsage();
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.physical_space_size ?? 0;
  const agent = globalThis[Symbol.for('async-lens.agent')];
  const told = agent === undefined ? {} : JSON.parse(agent.request(JSON.stringify({ request: 'snapshot' })));
  const { counts, resources, stalls, blockingCalls, frames, faults } = told.value ?? {};
  const lists = counts && {
    promises: counts.pendingPromises,
    resources: resources.length,
    frames: frames.length,
    stalls: stalls.length,
    calls: blockingCalls.length,
    faults: faults?.length ?? 0,
  };
  return { heapUsed, rss, young, external, answered, lists };
}

async function client(first) {
  for (let i = first; ; i++) {
    const name = [...names, 'stream'][i % (names.length + 1)];
    await sleep(PAUSE_MS);
    if (i % (RARE.get(name) ?? 1) !== 0) continue;
    try {
      if (i % 2 === 0) await (await fetch(`${address}/${name}`)).text();
      else for await (const _ of (await once(get(`${address}/${name}`), 'response'))[0]);
      answered++;
    } catch {
      // On a starved machine a connection is used again just as its server gives it up.
    }
  }
}

for (let i = 0; i < CLIENTS; i++) void client(i);
console.log(address);

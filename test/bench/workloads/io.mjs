/** Workload: lanes that read files, talk to a loopback TCP echo and sleep; wall and CPU time of all of it, in the first half second and some seconds later. */
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answerCommands, cpuCommands } from './commands.mjs';

const LANES = 20;
const WARM_UP_STEPS = 20;
/** Some 20,000 steps of lanes, as the servers of the bench get 40,000 requests: by then all is compiled, and what is done at first within budgets is over. */
const UNTIL_LATER = 1000;
const file = fileURLToPath(import.meta.url);
const message = Buffer.alloc(1024, 'x');

const server = createServer((socket) => socket.pipe(socket));
server.listen(0, '127.0.0.1');
await once(server, 'listening');

async function echo(socket) {
  socket.write(message);
  for (let received = 0; received < message.length;) {
    const [chunk] = await once(socket, 'data');
    received += chunk.length;
  }
}

async function lane(steps) {
  const socket = connect(server.address().port, '127.0.0.1');
  await once(socket, 'connect');
  for (let i = 0; i < steps; i++) {
    await Promise.all([readFile(file), stat(file)]);
    await echo(socket);
    await sleep(1);
  }
  socket.destroy();
}

async function run(steps) {
  await Promise.all(Array.from({ length: LANES }, () => lane(steps)));
}

const cpu = cpuCommands();

async function timed(steps) {
  cpu.begin();
  const start = performance.now();
  await run(steps);
  return { wall: performance.now() - start, cpu: cpu.end().cpuMs };
}

answerCommands({
  async measure({ steps, laterSteps }) {
    await run(WARM_UP_STEPS);
    const first = await timed(steps);
    await run(UNTIL_LATER);
    const later = await timed(laterSteps);
    return {
      'I/O mix, wall': first.wall,
      'I/O mix, CPU': first.cpu,
      'I/O mix later, wall': later.wall,
      'I/O mix later, CPU': later.cpu,
    };
  },
});

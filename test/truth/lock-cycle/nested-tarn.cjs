// every desk of a tarn pool is had by a task that wants another one
const { Pool } = require('tarn');

const desks = new Pool({ create: async () => ({}), destroy() {}, min: 0, max: 2, acquireTimeoutMillis: 60_000 });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function copy(from) {
  const to = await desks.acquire().promise; // expect: lock-cycle
  desks.release(to);
  return from;
}

async function move() {
  const desk = await desks.acquire().promise;
  await sleep(5);
  await copy(desk);
  desks.release(desk);
}

move();
move();
setTimeout(() => process.exit(), 4000);

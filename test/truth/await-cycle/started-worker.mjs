// a pool awaits a promise of its own making, and so does the call that it has started: its worker settles it
// options: --duration 700
import { setTimeout as delay } from 'node:timers/promises';

class Pool {
  queue = [];

  async run(job) {
    const { promise, resolve } = Promise.withResolvers?.() ?? withResolvers();
    this.queue.push({ job, resolve, promise });
    void this.start();
    await promise;
  }

  async start() {
    const { promise, resolve } = this.queue.shift();
    setTimeout(resolve, 60_000);
    await delay(10).catch(() => {});
    await promise.catch(() => {}).finally(() => {});
  }
}

function withResolvers() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}

const pool = new Pool();

async function work(jobs) {
  await Promise.allSettled(jobs.map(async (job) => await pool.run(job)));
}

await work([1]);

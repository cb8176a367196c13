// a pool and the call that it has started await a promise that nobody settles any more: they don't wait for each other
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
    const { promise } = this.queue.shift();
    await delay(10).catch(() => {});
    await promise.catch(() => {}).finally(() => {}); // expect: pending-at-exit
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

await work([1]); // expect: unsettled-top-level-await

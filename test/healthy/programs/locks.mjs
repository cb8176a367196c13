/** async-mutex, generic-pool and tarn under contention: everyone waits in line, and gets in. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Mutex, Semaphore, withTimeout } from 'async-mutex';
import genericPool from 'generic-pool';
import { Pool } from 'tarn';

const items = Array.from({ length: 50 }, (_, i) => i);
const mutex = new Mutex();
let shared = 0;
const add = () =>
  mutex.runExclusive(async () => {
    const before = shared;
    await sleep(1);
    shared = before + 1;
  });
await Promise.all(items.map(add));
console.log('mutex', shared);
const semaphore = withTimeout(new Semaphore(3), 5000);
await Promise.all(items.map(() => semaphore.runExclusive(() => sleep(1))));

const pool = genericPool.createPool({ create: async () => ({}), destroy: async () => {} }, { max: 3 });
await Promise.all(items.map(() => pool.use(() => sleep(1))));
await pool.drain();
await pool.clear();

const tarn = new Pool({ create: async () => ({}), destroy: () => {}, min: 0, max: 3 });
const use = async () => {
  const resource = await tarn.acquire().promise;
  await sleep(1);
  tarn.release(resource);
};
await Promise.all(items.map(use));
await tarn.destroy();
console.log('done');

/** piscina: jobs in worker threads, a queue, an aborted job, then all threads ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import Piscina from 'piscina';

/** What the threads run, from this same file. */
export default async function square(n) {
  await sleep(n < 0 ? 60_000 : 2);
  return n * n;
}

if (isMainThread) {
  const pool = new Piscina({ filename: fileURLToPath(import.meta.url), minThreads: 1, maxThreads: 2 });
  const results = await Promise.all(Array.from({ length: 20 }, (_, i) => pool.run(i)));
  console.log(results.reduce((a, b) => a + b, 0));
  const controller = new AbortController();
  const aborted = pool.run(-1, { signal: controller.signal }).catch((error) => error.name);
  controller.abort();
  console.log(await aborted);
  await pool.destroy();
}

// everything comes to its end
import { setTimeout as sleep } from 'node:timers/promises';

async function job(ms) {
  await sleep(ms);
}

await Promise.allSettled([job(5), job(10), job(20)]);

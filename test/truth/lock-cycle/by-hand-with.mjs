// functions that run within a lock made by hand ask for a second one, in opposite order
// options: --duration 3200
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from './parts/with-lock.mjs';

async function sell() {
  await withLock('stock', async () => {
    await sleep(20);
    await withLock('ledger', () => sleep(5)); // expect: lock-cycle
  });
}

async function book() {
  await withLock('ledger', async () => {
    await sleep(20);
    await withLock('stock', () => sleep(5));
  });
}

createServer((request, response) => response.end()).listen(0);
setTimeout(() => void sell(), 10);
setTimeout(() => void book(), 10);

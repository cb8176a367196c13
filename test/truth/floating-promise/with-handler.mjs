// Work that is not awaited but has somebody who handles its failure
// options: --duration 2500
import { setTimeout as sleep } from 'node:timers/promises';

async function send() {
  await sleep(60_000);
}

async function handle() {
  await sleep(1);
  send().catch((error) => console.error(error));
}

setTimeout(handle, 10);

// Steps kept in a list, one of which is begun without waiting for it
// options: --duration 2500
import { setTimeout as sleep } from 'node:timers/promises';

const steps = [
  async () => {
    await sleep(1);
  },
  async () => {
    await sleep(60_000);
  },
];

async function start() {
  await sleep(1);
  steps[1](); // expect: floating-promise
}

setTimeout(start, 10);

// Two requests at once that are awaited together
import { setTimeout as sleep } from 'node:timers/promises';

process.on('unhandledRejection', () => {});

async function price() {
  await sleep(50);
  return 5;
}

async function stock() {
  await sleep(5);
  throw new Error('no such item');
}

async function offer() {
  const [amount, stocked] = await Promise.all([price(), stock().catch(() => 1)]);
  return amount * stocked;
}

setTimeout(() => void offer(), 5);

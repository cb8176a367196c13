// Two requests at once, awaited one after the other: the second fails while nobody waits for it yet
import { setTimeout as sleep } from 'node:timers/promises';

process.on('unhandledRejection', () => {});

async function price() {
  await sleep(100);
  return 5;
}

async function stock() {
  await sleep(5);
  throw new Error('no such item');
}

async function offer() {
  const priced = price();
  const stocked = stock();
  const amount = await priced;
  try {
    return amount * (await stocked); // expect: unhandled-rejection
  } catch {
    return amount;
  }
}

setTimeout(() => void offer(), 5);

// A handler that forgets to await one of its steps
import { setTimeout as sleep } from 'node:timers/promises';

async function load(id) {
  await sleep(10);
  return { id };
}

async function sendMail(order) {
  await sleep(60_000);
  order.mailed = true;
}

async function handle(id) {
  const order = await load(id);
  sendMail(order); // expect: floating-promise
  order.done = true;
  setTimeout(() => process.exit(), 2000);
}

setTimeout(() => handle(1), 10);

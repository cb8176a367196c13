// A promise that is taken for its value
import { setTimeout as sleep } from 'node:timers/promises';

async function isAllowed(user) {
  await sleep(5);
  return user === 'ann';
}

async function open(user) {
  const allowed = isAllowed(user); // expect: floating-promise
  if (!allowed) throw new Error('not allowed');
  await sleep(20);
}

setTimeout(() => void open('bob'), 10);

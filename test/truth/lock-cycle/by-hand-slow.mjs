// locks made by hand for which two wait long while they have others: a third is at work with what they want
// options: --duration 3200
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const waiting = new Map();

function lock(name) {
  const queue = waiting.get(name);
  if (queue !== undefined) return new Promise((resolve) => queue.push(resolve));
  waiting.set(name, []);
  return Promise.resolve();
}

function unlock(name) {
  const next = waiting.get(name).shift();
  if (next) next();
  else waiting.delete(name);
}

async function transfer(from, to) {
  await lock(from);
  try {
    await lock(to);
    unlock(to);
  } finally {
    unlock(from);
  }
}

async function audit(name) {
  await lock(name);
  await sleep(60_000);
  unlock(name);
}

createServer((request, response) => response.end()).listen(0);
setTimeout(() => {
  void audit('cleo');
  void transfer('ada', 'cleo');
  void transfer('bob', 'cleo');
}, 10);

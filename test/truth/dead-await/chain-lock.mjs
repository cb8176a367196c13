// a lock made by hand, a chain of promises, that a task in a server takes again: nothing else knows what it waits for
// options: --duration 3500
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

let turn = Promise.resolve();

async function exclusively(work) {
  const before = turn;
  let done;
  turn = new Promise((resolve) => (done = resolve));
  await before; // expect: dead-await
  try {
    return await work();
  } finally {
    done();
  }
}

async function store(order) {
  await exclusively(() => sleep(order));
}

async function close() {
  await exclusively(async () => {
    await sleep(20);
    await store(5);
  });
}

createServer((request, response) => response.end()).listen(0);
setTimeout(() => void store(1), 10);
setTimeout(() => void close(), 20);

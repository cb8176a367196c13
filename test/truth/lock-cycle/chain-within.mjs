// a function that runs others one after the other by a chain of promises, called within itself
import { setTimeout as sleep } from 'node:timers/promises';

let turn = Promise.resolve();

async function exclusively(work) {
  const before = turn;
  let done;
  turn = new Promise((resolve) => (done = resolve));
  await before;
  try {
    return await work();
  } finally {
    done();
  }
}

async function store(order) {
  await exclusively(() => sleep(order)); // expect: lock-cycle
}

async function close() {
  await exclusively(async () => {
    await sleep(20);
    await store(5);
  });
}

setTimeout(() => void store(1), 10);
setTimeout(() => void close(), 20);

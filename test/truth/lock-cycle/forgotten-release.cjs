// a lock that was never given back: its owner is gone, so there is no cycle
const { Mutex } = require('async-mutex');

const mutex = new Mutex();

async function careless() {
  await mutex.acquire();
}

async function next() {
  await mutex.acquire(); // expect: pending-at-exit
}

careless().then(next);

// a lock that its owner keeps while it sleeps
// options: --duration 900
// settings: { "longWait": { "minMs": 20 } }
const { Mutex } = require('async-mutex');

const mutex = new Mutex();

async function keep() {
  await mutex.runExclusive(() => new Promise((resolve) => setTimeout(resolve, 60_000)));
}

async function next() {
  await mutex.acquire(); // expect: long-wait
}

keep();
next();

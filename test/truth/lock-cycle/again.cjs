// a method that holds the mutex calls another that takes it
const { Mutex } = require('async-mutex');

const mutex = new Mutex();
const lines = [];

async function append(line) {
  await mutex.runExclusive(async () => lines.push(line)); // expect: lock-cycle
}

async function appendAll(more) {
  await mutex.runExclusive(async () => {
    for (const line of more) await append(line);
  });
}

appendAll(['a', 'b']);

// a method that holds the mutex calls another that takes it
const { Mutex } = require('async-mutex');

const mutex = new Mutex();

async function append(line) {
  await mutex.runExclusive(async () => { // expect: lock-cycle
    await null;
    return line;
  });
}

async function appendAll(lines) {
  await mutex.runExclusive(async () => {
    for (const line of lines) await append(line);
  });
}

appendAll(['a', 'b']);

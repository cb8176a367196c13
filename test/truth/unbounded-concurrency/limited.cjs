// a limit on how many files are read at a time
const { readFile } = require('node:fs/promises');
const { Semaphore } = require('async-mutex');

const places = new Semaphore(8);

async function thumbnail() {
  await places.runExclusive(() => readFile(__filename)); // expect: pending-at-exit
}

for (let i = 0; i < 1500; i++) thumbnail();
setImmediate(() => process.exit(0));

// a limit on how many files are read at a time
const { stat } = require('node:fs/promises');
const { Semaphore } = require('async-mutex');

const places = new Semaphore(8);

async function thumbnail() {
  await places.runExclusive(() => stat(__filename)); // expect: pending-at-exit
}

for (let i = 0; i < 1200; i++) thumbnail();
process.nextTick(() => process.exit(0));

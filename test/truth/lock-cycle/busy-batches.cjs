// a batch of two jobs that waits for a third one, while the other place has jobs with callbacks that are at work until the program ends
const async = require('async');
const { setTimeout: sleep } = require('node:timers/promises');

const rows = async.cargoQueue(
  async (batch) => {
    if (batch.includes('slow')) {
      await sleep(3000);
      process.exit();
    } else if (batch.includes('first')) {
      await sleep(100);
      await rows.push('inner'); // expect: pending-at-exit
    }
  },
  2,
  2,
);

async function store(row) {
  await rows.push(row);
}

void store('first');
void store('second');
setTimeout(() => {
  rows.push('slow', () => {});
  rows.push('slow', () => {});
}, 20);

// the sizes of thousands of files, in a loop that awaits nothing
const { stat } = require('node:fs/promises');

let sum = 0;
async function add(file) {
  sum += (await stat(file)).size; // expect: unbounded-concurrency, pending-at-exit
}

for (let i = 0; i < 1200; i++) add(__filename);
process.nextTick(() => process.exit(sum === 0 ? 0 : 1));

// a worker that looks into a queue in memory every few milliseconds
const { setTimeout: sleep } = require('node:timers/promises');

const queue = [];
let isOpen = true;

function handle(job) {
  console.log(job);
}

async function work() {
  while (isOpen) {
    const job = queue.shift();
    if (job === undefined) {
      await sleep(4); // expect: busy-polling
      continue;
    }
    handle(job);
  }
}

work();
setTimeout(() => queue.push('only one'), 1200);
setTimeout(() => (isOpen = false), 3500);

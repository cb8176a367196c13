// a worker that sleeps a moment between bursts of jobs that take no time
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const queue = [];
let isOpen = true;
let sum = 0;

async function handle(job) {
  sum += job;
}

async function work() {
  while (isOpen) {
    const job = queue.shift();
    if (job === undefined) {
      await sleep(4);
      continue;
    }
    await handle(job);
  }
  console.log(sum);
}

const timer = setInterval(() => queue.push(1, 2, 3, 4, 5, 6), 4);
setTimeout(() => {
  clearInterval(timer);
  isOpen = false;
}, 2500);
await work();

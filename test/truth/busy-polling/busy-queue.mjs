// a worker whose queue mostly has something
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const queue = Array.from({ length: 200 }, (_, i) => i);
let isOpen = true;

async function handle() {
  await sleep(6);
}

async function work() {
  while (isOpen) {
    const job = queue.shift();
    if (job === undefined) {
      await sleep(5);
      continue;
    }
    await handle(job);
  }
}

setTimeout(() => (isOpen = false), 1900);
await work();

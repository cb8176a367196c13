// a task that sleeps 5 ms and looks again whether something is ready
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let isReady = false;

async function whenReady() {
  while (!isReady) {
    await sleep(5); // expect: busy-polling
  }
  return 'ready';
}

setTimeout(() => (isReady = true), 3500);
console.log(await whenReady());

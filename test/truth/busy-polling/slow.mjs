// a task that looks a few times a second
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let isReady = false;

async function whenReady() {
  while (!isReady) await sleep(200);
}

setTimeout(() => (isReady = true), 2500);
await whenReady();

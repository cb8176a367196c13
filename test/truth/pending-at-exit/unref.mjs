// A wait for a timer that was told not to keep the process alive: meant to be cut off
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref());

async function flush() {
  await sleep(5000);
  console.log('flushed');
}

setTimeout(flush, 10);

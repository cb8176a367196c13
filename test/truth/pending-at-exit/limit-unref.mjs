// A wait for a timer that does not keep the process alive
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref());

async function flush() {
  await sleep(5000); // missed: pending-at-exit
  console.log('flushed');
}

setTimeout(flush, 10);

// work that listens for the end of the program and never stops listening
const shutdown = new AbortController();
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function work() {
  shutdown.signal.addEventListener('abort', () => console.log('stopped')); // expect: listener-leak
  await sleep(1);
}

for (let i = 0; i < 70; i++) await work();

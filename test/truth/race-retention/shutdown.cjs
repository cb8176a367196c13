// A worker that waits for its next job or for the shutdown, whichever comes first
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let stop;
const shutdown = new Promise((resolve) => (stop = resolve));

async function work() {
  for (let i = 0; i < 1500; i++) {
    await Promise.race([shutdown, i % 10 === 0 ? sleep(1) : Promise.resolve(i)]); // expect: race-retention
  }
}

work().finally(() => process.exit());
process.on('SIGTERM', () => stop());

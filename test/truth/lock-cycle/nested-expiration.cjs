// a job that awaits another of the same limiter with one place, but is rejected when its time is over
const Bottleneck = require('bottleneck');

const limiter = new Bottleneck({ maxConcurrent: 1 });

async function ask() {
  await limiter.schedule({ expiration: 60_000 }, async () => {
    await limiter.schedule(async () => {}); // expect: pending-at-exit
  });
}

void ask();
setTimeout(() => process.exit(), 3000);

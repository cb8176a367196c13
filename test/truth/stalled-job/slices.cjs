// a job of bull that computes for long, but in slices
const { setImmediate } = require('node:timers/promises');
const Bull = require('bull');
const { startRedis } = require('../../support/job-redis.cjs');

async function render(untilMs) {
  let sum = 0;
  while (Date.now() < untilMs) {
    for (let i = 0; i < 100_000; i++) sum += Math.sqrt(i);
    await setImmediate();
  }
  return sum;
}

startRedis((port) => {
  const queue = new Bull('images', { redis: { host: '127.0.0.1', port }, settings: { lockDuration: 5000 } });
  queue.on('error', () => {});
  queue.process(async () => {
    await render(Date.now() + 3000);
    setTimeout(() => process.exit(), 100);
  });
});

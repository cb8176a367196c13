// a job of bull that computes for longer than its lock lasts
const Bull = require('bull');
const { startRedis } = require('../../support/job-redis.cjs');

function render(untilMs) {
  let sum = 0;
  while (Date.now() < untilMs) sum += Math.sqrt(sum + 1); // expect: stalled-job
  return sum;
}

startRedis((port) => {
  const queue = new Bull('images', { redis: { host: '127.0.0.1', port }, settings: { lockDuration: 1000 } });
  queue.on('error', () => {});
  queue.process(async () => {
    render(Date.now() + 1500);
    setTimeout(() => process.exit(), 300);
  });
});

// a job of bee-queue that waits while other code computes for longer than it may without a sign of life
const Queue = require('bee-queue');
const { startRedis } = require('../../support/job-redis.cjs');

function report(untilMs) {
  let sum = 0;
  while (Date.now() < untilMs) sum += Math.sqrt(sum + 1); // expect: stalled-job
  return sum;
}

startRedis((port) => {
  const queue = new Queue('mails', { redis: { host: '127.0.0.1', port }, stallInterval: 1000 });
  queue.on('error', () => {});
  queue.process(async () => {
    setTimeout(() => report(Date.now() + 1500), 100);
    await new Promise((resolve) => setTimeout(resolve, 400));
    setTimeout(() => process.exit(), 300);
  });
});

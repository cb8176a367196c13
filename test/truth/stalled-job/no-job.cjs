// a worker of bee-queue that has no job while other code computes for long
const Queue = require('bee-queue');
const { startRedis } = require('../../support/job-redis.cjs');

function report(untilMs) {
  let sum = 0;
  while (Date.now() < untilMs) sum += Math.sqrt(sum + 1);
  return sum;
}

startRedis((port) => {
  const queue = new Queue('mails', { redis: { host: '127.0.0.1', port }, stallInterval: 1000 });
  queue.on('error', () => {});
  queue.process(async () => 'sent');
  queue.on('succeeded', () => {
    setTimeout(() => report(Date.now() + 1200), 300);
    setTimeout(() => process.exit(), 1800);
  });
});

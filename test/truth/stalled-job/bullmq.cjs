// a job of bullmq that computes for longer than its lock lasts
const { Worker } = require('bullmq');
const { startRedis } = require('../../support/job-redis.cjs');

function render(untilMs) {
  let sum = 0;
  while (Date.now() < untilMs) sum += Math.sqrt(sum + 1); // expect: stalled-job
  return sum;
}

async function work() {
  render(Date.now() + 1500);
  setTimeout(() => process.exit(), 300);
}

startRedis((port) => {
  const worker = new Worker('images', work, { connection: { host: '127.0.0.1', port }, lockDuration: 1000 });
  worker.on('error', () => {});
});

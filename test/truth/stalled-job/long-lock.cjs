// a job of bullmq that computes for long, but not as long as its lock lasts
const { Worker } = require('bullmq');
const { startRedis } = require('../../support/job-redis.cjs');

async function work() {
  for (const end = Date.now() + 700; Date.now() < end;) Math.sqrt(2);
  setTimeout(() => process.exit(), 200);
}

startRedis((port) => {
  const worker = new Worker('images', work, { connection: { host: '127.0.0.1', port }, lockDuration: 30_000 });
  worker.on('error', () => {});
});

// queues with one worker that is at work: others wait for their turn, one for the end of all, and jobs push others that nobody in the queue awaits
const async = require('async');
const Bottleneck = require('bottleneck');
const fastq = require('fastq');
const { setTimeout: sleep } = require('node:timers/promises');

const pages = fastq.promise(async function crawl(depth) {
  if (depth > 0) pages.push(depth - 1);
  await sleep(100);
}, 1);
const mails = async.queue(async () => {
  await sleep(100);
}, 1);
const limiter = new Bottleneck({ maxConcurrent: 1, minTime: 50 });

async function main() {
  for (const n of [1, 2, 3]) pages.push(n);
  await Promise.all([pages.drained(), mails.push(1), mails.push(2), mails.unshift(3)]);
  await Promise.all([1, 2, 3].map((n) => limiter.schedule(async () => pages.push(n))));
}

main();

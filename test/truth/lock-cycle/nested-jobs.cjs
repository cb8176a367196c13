// jobs of queues with one worker that await another job of the same queue: fastq, async, bottleneck
const async = require('async');
const Bottleneck = require('bottleneck');
const fastq = require('fastq');

const pages = fastq.promise(async function crawl(depth) {
  if (depth > 0) await pages.push(depth - 1); // expect: lock-cycle
}, 1);
const mails = async.queue(async (parts) => {
  if (parts > 0) await mails.push(parts - 1); // expect: lock-cycle
}, 1);
const limiter = new Bottleneck({ maxConcurrent: 1 });

async function ask(depth) {
  if (depth > 0) await limiter.schedule(() => ask(depth - 1)); // expect: lock-cycle
}

async function main() {
  await Promise.all([pages.push(1), mails.push(1), limiter.schedule(() => ask(1))]);
}

main();

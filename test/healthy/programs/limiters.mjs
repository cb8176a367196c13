/** p-queue, p-limit, p-map, p-retry, bottleneck, fastq and async: many jobs, few at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eachLimit, queue } from 'async';
import Bottleneck from 'bottleneck';
import fastq from 'fastq';
import pLimit from 'p-limit';
import pMap from 'p-map';
import PQueue from 'p-queue';
import pRetry from 'p-retry';

const items = Array.from({ length: 200 }, (_, i) => i);
const job = async (n) => {
  await sleep(1);
  return n * 2;
};
const sum = (list) => list.reduce((a, b) => a + b, 0);

const limit = pLimit(20);
console.log('p-limit', sum(await Promise.all(items.map((n) => limit(job, n)))));
const jobs = new PQueue({ concurrency: 20 });
console.log('p-queue', sum(await jobs.addAll(items.map((n) => () => job(n)))));
await jobs.onIdle();
console.log('p-map', sum(await pMap(items, job, { concurrency: 20 })));
let left = 2;
const flaky = async () => {
  if (left-- > 0) throw new Error('meant');
  return 'third time';
};
console.log('p-retry', await pRetry(flaky, { retries: 3, minTimeout: 2, factor: 1 }));
const limiter = new Bottleneck({ maxConcurrent: 20 });
console.log('bottleneck', sum(await Promise.all(items.map((n) => limiter.schedule(() => job(n))))));
const fast = fastq.promise(job, 20);
console.log('fastq', sum(await Promise.all(items.map((n) => fast.push(n)))));
await eachLimit(items, 20, job);
const tasks = queue(async (n) => job(n), 20);
for (const n of items) tasks.push(n);
await tasks.drain();
console.log('async');

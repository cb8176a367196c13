/** A queue of bullmq: a worker takes a job, then all is closed while it waits for the next. */
import { Queue, Worker } from 'bullmq';

const connection = { host: '127.0.0.1', port: Number(process.env.BULLMQ_PORT), maxRetriesPerRequest: null };
const queue = new Queue('mail', { connection });
const worker = new Worker('mail', async (job) => `sent ${job.name}`, { connection });
const done = new Promise((resolve) => worker.once('active', (job) => resolve(job.name)));
await queue.add('welcome', {});
console.log(await done);
await worker.close(true);
await queue.close();

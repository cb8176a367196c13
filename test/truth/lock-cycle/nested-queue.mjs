// a job of a queue with one worker that awaits another job of it
// since: 22
import PQueue from 'p-queue';

const queue = new PQueue({ concurrency: 1 });

async function report() {
  return await queue.add(async () => 'rows'); // expect: lock-cycle
}

queue.add(report);

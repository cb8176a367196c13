// a queue that is paused: nobody has what its jobs wait for
// since: 22
import PQueue from 'p-queue';

const queue = new PQueue({ concurrency: 1, autoStart: false });

async function job() {
  await queue.add(async () => 'done'); // expect: pending-at-exit
}

job();

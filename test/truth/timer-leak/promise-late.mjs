// a time limit of timers/promises that throws when it is too late, and is not aborted when it is not
import { setTimeout as sleep } from 'node:timers/promises';

function tooLate() {
  throw new Error('late');
}

function limited(work) {
  const late = sleep(30_000).then(tooLate); // expect: timer-leak
  return Promise.race([work, late]);
}

for (let i = 0; i < 250; i++) await limited(new Promise((resolve) => setTimeout(resolve, 10)));
process.exit(0);

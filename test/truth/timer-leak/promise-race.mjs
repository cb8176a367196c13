// a sleep of timers/promises that loses its race and is not aborted
import { setTimeout as sleep } from 'node:timers/promises';

async function limited(work) {
  const late = sleep(30_000); // expect: timer-leak
  return Promise.race([work, late]);
}

for (let i = 0; i < 250; i++) await limited(new Promise((resolve) => setTimeout(resolve, 10)));
process.exit(0);

// a hundred tasks that sleep for long, and each will go on
import { setTimeout as sleep } from 'node:timers/promises';

async function job() {
  await sleep(30_000); // expect: pending-at-exit
}

for (let i = 0; i < 70; i++) {
  void job();
  await new Promise((resolve) => setTimeout(resolve, 1));
}
await new Promise((resolve) => setTimeout(resolve, 20));
process.exit(0);

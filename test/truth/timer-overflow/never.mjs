// Infinity as "never", with the promise of a timer
import { setTimeout as sleep } from 'node:timers/promises';

async function waitForEver() {
  await sleep(Infinity, undefined, { ref: false }); // expect: timer-overflow
}

await Promise.race([waitForEver(), sleep(30)]);

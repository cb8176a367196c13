// A call of a function without a name, and one at the top level of a callback
// options: --duration 2500
import { setTimeout as sleep } from 'node:timers/promises';

const steps = [async () => sleep(60_000), async () => sleep(60_000)];

async function start() {
  await sleep(1);
  steps[0](); // missed: floating-promise
}

setTimeout(start, 10);

// awaits on a cache, with a turn of the loop now and then
import { setImmediate } from 'node:timers/promises';

const load = async (key) => key * 2;

async function drain(untilMs) {
  for (let count = 0; Date.now() < untilMs; count++) {
    await load(count);
    if (count % 50 === 0) await setImmediate();
  }
}

setTimeout(() => drain(Date.now() + 600), 700);

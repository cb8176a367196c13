// Each awaits the other, one of them in a race that a timer will end
// options: --duration 1500
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 600_000;
let other;

async function leave() {
  await sleep(5);
  await Promise.race([other, sleep(LIMIT_MS)]);
}

async function stay(first) {
  await sleep(10);
  await first;
}

const first = leave();
other = stay(first);

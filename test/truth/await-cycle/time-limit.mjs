// Each awaits the other, one of them with a time limit written by hand: it will go on
// options: --duration 1500
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 600_000;
let other;

function limited(promise) {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
    setTimeout(resolve, LIMIT_MS, 'too late');
  });
}

async function leave() {
  await sleep(5);
  await limited(other);
}

async function stay(first) {
  await sleep(10);
  await first;
}

const first = leave();
other = stay(first);

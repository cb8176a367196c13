// Each awaits the other through a promise made by hand, and nothing else is left that could settle it
import { setTimeout as sleep } from 'node:timers/promises';

let other;

function copy(promise) {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject);
  });
}

async function leave() {
  await sleep(5);
  await copy(other); // expect: await-cycle
}

async function stay(first) {
  await sleep(10);
  await first;
}

const first = leave();
other = stay(first);

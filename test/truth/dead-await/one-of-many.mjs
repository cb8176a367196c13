// One of several parts that are awaited together is never told that it may go on; the list of all is kept
// node: --expose-gc
import { setTimeout as sleep } from 'node:timers/promises';
import untilCollected from '../../support/until-collected.cjs';

const tasks = [];

function turn(part) {
  if (part !== 2) return sleep(10);
  const promise = new Promise((resolve) => setTimeout(() => part > 2 && resolve(), 20));
  untilCollected(promise, () => process.exit());
  return promise;
}

async function build(part) {
  await turn(part); // expect: dead-await
}

async function buildAll() {
  for (const part of [1, 2, 3]) tasks.push(build(part));
  await Promise.all(tasks);
}

setTimeout(() => void buildAll(), 20);

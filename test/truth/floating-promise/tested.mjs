// Promises that are tested, too: each is awaited or handed on, or is none at all
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Map();

async function load(id) {
  await sleep(5);
  return id;
}

async function once(id) {
  const known = running.get(id);
  if (known) return known;
  const begun = load(id);
  running.set(id, begun);
  if (begun) running.delete(id);
  return begun;
}

async function maybe(id) {
  const value = id > 1 ? load(id) : undefined;
  if (value) return (await value) + 1;
  const other = load(id);
  return !other || (await other);
}

async function flag() {
  const isDone = load(3).then(() => true);
  await sleep(20);
  return (await isDone) ? 1 : 2;
}

setTimeout(async () => {
  await once(1);
  await maybe(1);
  await maybe(2);
  if (await flag()) console.log('done');
}, 10);

/** A worker thread: counts a shelf, blocks on purpose, and waits. */
const { setTimeout: delay } = require('node:timers/promises');
const { parentPort, workerData: shelf } = require('node:worker_threads');

async function countShelf(name) {
  const books = [`${name} 1`, `${name} 2`];
  for (const end = performance.now() + 300; performance.now() < end;);
  if (name !== 'short') await delay(3_600_000);
  return books;
}

function answer(what) {
  console.log('knock');
  if (what === 'spin') spin();
}

function spin() {
  for (const end = performance.now() + 20_000; performance.now() < end;);
}

if (shelf !== 'short') parentPort.on('message', answer);
void countShelf(shelf);

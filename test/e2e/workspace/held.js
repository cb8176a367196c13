// Held two awaits deep, and in the callback of a timer.
const { setTimeout: sleep } = require('node:timers/promises');

async function query(id) {
  await sleep(10);
  const row = { id };
  console.log('queried', id);
  return row;
}

async function load(id) {
  return await query(id);
}

async function handler(id) {
  const [row] = await Promise.all([load(id), sleep(5)]);
  return row;
}

function later() {
  setTimeout(() => {
    console.log('later');
    process.exit();
  }, 50);
}

handler(7).then(later);
setTimeout(() => {}, 60_000);

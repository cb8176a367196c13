// a limit of one's own: a queue of resolvers
const { stat } = require('node:fs/promises');

let free = 16;
const waiting = [];

async function thumbnail() {
  if (free-- <= 0) await new Promise((resolve) => waiting.push(resolve));
  await stat(__filename); // expect: pending-at-exit
  free++;
  waiting.shift()?.();
}

for (let i = 0; i < 1200; i++) thumbnail();
process.nextTick(() => process.exit(0));

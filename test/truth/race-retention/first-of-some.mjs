// A poll that takes whichever of its sources answers first, one of which never does
import { setImmediate as turn } from 'node:timers/promises';

const replica = new Promise((resolve) => process.on('message', resolve));

async function read(i) {
  await turn();
  return i;
}

let sum = 0;
for (let i = 0; i < 1200; i++) {
  sum += await Promise.any([replica, read(i)]); // expect: race-retention
}
console.log(sum);
process.exit();

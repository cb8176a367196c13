// A thousand calls that wait for one promise, and get it
import { setImmediate as turn } from 'node:timers/promises';

let open;
const opened = new Promise((resolve) => (open = resolve));

async function send(i) {
  await opened;
  return i;
}

const calls = [];
for (let i = 0; i < 1200; i++) {
  calls.push(send(i));
  if (i % 50 === 0) await turn();
}
setTimeout(open, 100);
await Promise.all(calls);

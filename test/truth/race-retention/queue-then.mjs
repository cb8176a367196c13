// Messages that wait for a connection, each with a reaction, until it is open
// options: --duration 2500
import { setImmediate as turn } from 'node:timers/promises';

let open;
const opened = new Promise((resolve) => (open = resolve));
const sent = [];

async function send(i) {
  await opened.then(() => sent.push(i));
}

const calls = [];
for (let i = 0; i < 1500; i++) {
  calls.push(send(i));
  if (i % 50 === 0) await turn();
}
setTimeout(open, 60_000);
await Promise.all(calls);

// Reactions added with then to a promise that stays pending
// options: --duration 2500
import { setImmediate as turn } from 'node:timers/promises';

let close;
const closed = new Promise((resolve) => (close = resolve));

async function serve() {
  for (let i = 0; i < 3000; i++) {
    closed.then(() => i); // expect: race-retention
    if (i % 100 === 0) await turn();
  }
}

await serve();
setTimeout(close, 60_000);

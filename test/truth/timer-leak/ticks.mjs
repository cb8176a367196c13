// A view that follows the clock in a loop of its own, opened again and again and never closed
import { setInterval as ticks, setTimeout as sleep } from 'node:timers/promises';

async function follow(view) {
  for await (const _ of ticks(10_000)) view.shown++; // expect: pending-at-exit, timer-leak
}

async function open() {
  void follow({ shown: 0 });
  await sleep(1);
}

for (let i = 0; i < 60; i++) await open();
process.exit(0);

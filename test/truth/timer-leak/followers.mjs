// A loop over the ticks of a clock for each request that is still there
// options: --duration 2500
import { setInterval as ticks, setTimeout as sleep } from 'node:timers/promises';

async function follow(request) {
  for await (const _ of ticks(10_000)) request.ticks++;
}

async function answer(request) {
  await follow(request);
}

for (let i = 0; i < 60; i++) {
  void answer({ ticks: 0 });
  await sleep(1);
}

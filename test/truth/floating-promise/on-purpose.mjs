// Work that is started with void, kept for later, or handed on
// options: --duration 2500
import { setTimeout as sleep } from 'node:timers/promises';

const jobs = new Set();

async function refresh() {
  await sleep(60_000);
}

async function warmUp() {
  await sleep(60_000);
}

async function report() {
  await sleep(60_000);
}

async function start() {
  void refresh();
  jobs.add(warmUp());
  const run = () => report();
  run();
  await sleep(1);
}

setTimeout(() => start(), 10);

// a background loop on a timer that is not to keep the process alive
const { setTimeout: sleep } = require('node:timers/promises');

async function collectMetrics() {
  for (;;) await sleep(60_000, undefined, { ref: false });
}

async function main() {
  await sleep(30);
}

collectMetrics();
main();

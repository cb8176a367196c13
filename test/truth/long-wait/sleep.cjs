// tasks that are meant to wait: for a time, and for work
// options: --duration 400
// settings: { "longWait": { "minMs": 20 } }
const { once, EventEmitter } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');

const bus = new EventEmitter();

async function everyMinute() {
  for (;;) await sleep(60_000);
}

async function worker() {
  await once(bus, 'work');
}

everyMinute();
worker();

// Callbacks that can't await, and a program that begins
// options: --duration 2500
const { EventEmitter } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');

const bus = new EventEmitter();

async function serve(name) {
  await sleep(60_000, name);
}

async function main() {
  await sleep(60_000);
}

bus.on('connection', (name) => {
  serve(name);
});
bus.on('close', async (name) => {
  await serve(name);
});
main();
setTimeout(() => bus.emit('connection', 'a'), 10);
setTimeout(() => bus.emit('close', 'a'), 10);

// a request handler that listens on a shared bus
const { EventEmitter } = require('node:events');

const bus = new EventEmitter();

function handle(id) {
  bus.on('config', () => id); // expect: listener-leak
}

function arrive(count) {
  handle(count);
  if (count < 70) setTimeout(arrive, 1, count + 1);
}

arrive(1);

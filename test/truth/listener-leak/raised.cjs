// Listeners of an emitter whose limit was raised: so many are meant, and beyond that Node warns
const { EventEmitter } = require('node:events');

const bus = new EventEmitter();
bus.setMaxListeners(500);

function handle(id) {
  bus.on('config', () => id);
}

function arrive(count) {
  handle(count);
  if (count < 120) setTimeout(arrive, 1, count + 1);
}

arrive(1);

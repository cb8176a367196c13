// Listeners of an emitter whose limit was raised out of the way
const { EventEmitter } = require('node:events');

const bus = new EventEmitter();
bus.setMaxListeners(500);

function handle(id) {
  bus.on('config', () => id); // missed: listener-leak
}

function arrive(count) {
  handle(count);
  if (count < 120) setTimeout(arrive, 1, count + 1);
}

arrive(1);

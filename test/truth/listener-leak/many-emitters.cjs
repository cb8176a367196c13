// a listener on each of many emitters
const { EventEmitter } = require('node:events');

const all = [];
const arrivals = setInterval(() => {
  const emitter = new EventEmitter();
  emitter.on('message', () => all.length);
  if (all.push(emitter) === 70) clearInterval(arrivals);
}, 1);

// a hundred listeners added in one go
const { EventEmitter } = require('node:events');

const bus = new EventEmitter();
for (let i = 0; i < 100; i++) bus.on('tick', () => i);
setTimeout(() => bus.emit('tick'), 20);

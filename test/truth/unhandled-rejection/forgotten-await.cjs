// a call of an async function in an event handler that nobody awaits
const { EventEmitter } = require('node:events');

const app = new EventEmitter();

async function store(order) {
  await null;
  throw new Error(`no room for order ${order}`); // expect: unhandled-rejection
}

app.on('order', (order) => {
  store(order);
});
setTimeout(() => app.emit('order', 17), 10);

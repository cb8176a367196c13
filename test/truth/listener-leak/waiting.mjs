// tasks that wait for one event
import { EventEmitter, once } from 'node:events';

const bus = new EventEmitter();

async function wait() {
  await once(bus, 'start');
}

const waiting = [];
for (let i = 0; i < 60; i++) {
  waiting.push(wait());
  await new Promise((resolve) => setTimeout(resolve, 1));
}
bus.emit('start');
await Promise.all(waiting);

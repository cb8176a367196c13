// the same with an event: nothing runs while there is nothing to do
import { EventEmitter, once } from 'node:events';

const bus = new EventEmitter();
const queue: string[] = [];
let isOpen = true;

async function work(): Promise<void> {
  while (isOpen) {
    const job = queue.shift();
    if (job === undefined) await once(bus, 'change');
    else console.log(job);
  }
}

const timer = setInterval(() => {
  queue.push('job');
  bus.emit('change');
}, 10);
setTimeout(() => {
  clearInterval(timer);
  isOpen = false;
  bus.emit('change');
}, 2000);
await work();

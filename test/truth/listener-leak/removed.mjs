// listeners that are removed when the work is done
import { EventEmitter, once } from 'node:events';

const bus = new EventEmitter();
const shutdown = new AbortController();

async function work() {
  const stop = () => {};
  shutdown.signal.addEventListener('abort', stop);
  setTimeout(() => bus.emit('done'), 1);
  await once(bus, 'done');
  shutdown.signal.removeEventListener('abort', stop);
}

for (let i = 0; i < 70; i++) await work();

// a connection that waits for an event that never comes
import { EventEmitter, once } from 'node:events';

const client = new EventEmitter();

async function connect() {
  await once(client, 'connect');
}

await connect(); // expect: unsettled-top-level-await

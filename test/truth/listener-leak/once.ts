// waits for an error that is never there, added with once
import { EventEmitter } from 'node:events';

class Client extends EventEmitter {
  async query(ms: number): Promise<void> {
    this.once('error', (error) => console.error(error)); // expect: listener-leak
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}

const client = new Client();
for (let i = 0; i < 70; i++) await client.query(1);

// A loop in the background that goes on as long as the service
// options: --duration 2500
import { EventEmitter, on } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const bus = new EventEmitter();

class Service {
  running = true;

  async #poll(): Promise<void> {
    while (this.running) {
      await sleep(10_000);
    }
  }

  async #listen(): Promise<void> {
    for await (const [event] of on(bus, 'event')) console.log(event);
  }

  async start(): Promise<void> {
    await sleep(1);
    this.#poll();
    this.#listen();
  }
}

await new Service().start();

// The one that called the function without await has gone on: it is part of the finding
import { setTimeout as sleep } from 'node:timers/promises';

async function connect(host: string): Promise<void> {
  await sleep(5);
  throw new Error(`no route to ${host}`); // expect: unhandled-rejection
}

class Pool {
  #ready: Promise<void>[] = [];

  async grow(): Promise<number> {
    await sleep(1);
    return this.#ready.push(connect('10.0.0.1'));
  }
}

async function start(): Promise<void> {
  await new Pool().grow();
}

setTimeout(() => void start(), 5);

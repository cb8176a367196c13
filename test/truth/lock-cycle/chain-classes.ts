// two locks that are chains of promises in classes, taken in opposite order
import { setTimeout as sleep } from 'node:timers/promises';

class Mutex {
  private last: Promise<void> = Promise.resolve();

  async acquire(): Promise<() => void> {
    let release = (): void => {};
    const before = this.last;
    this.last = new Promise<void>((resolve) => {
      release = resolve;
    });
    await before;
    return release;
  }
}

const stock = new Mutex();
const ledger = new Mutex();

async function sell(): Promise<void> {
  const releaseStock = await stock.acquire();
  await sleep(20);
  const releaseLedger = await ledger.acquire(); // expect: lock-cycle
  releaseLedger();
  releaseStock();
}

async function book(): Promise<void> {
  const releaseLedger = await ledger.acquire();
  await sleep(20);
  const releaseStock = await stock.acquire();
  releaseStock();
  releaseLedger();
}

setTimeout(() => void sell(), 10);
setTimeout(() => void book(), 10);

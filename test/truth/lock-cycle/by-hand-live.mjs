// two locks made by hand without async, taken in opposite order while a server keeps the program alive
// options: --duration 3200
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

class Mutex {
  #isTaken = false;
  #waiting = [];

  acquire() {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    return Promise.resolve();
  }

  release() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}

class Shop {
  #stock = new Mutex();
  #ledger = new Mutex();
  sold = 0;

  async sell() {
    await this.#stock.acquire();
    this.sold++;
    await sleep(20);
    await this.#ledger.acquire(); // expect: lock-cycle
    this.#ledger.release();
    this.#stock.release();
  }

  async book() {
    await this.#ledger.acquire();
    await sleep(20);
    await this.#stock.acquire();
    this.#stock.release();
    this.#ledger.release();
  }
}

const shop = new Shop();
createServer((request, response) => response.end()).listen(0);
setTimeout(() => void shop.sell(), 10);
setTimeout(() => void shop.book(), 10);

// two locks made by hand, taken in opposite order
class Lock {
  #isTaken = false;
  #waiting = [];

  async acquire() {
    if (this.#isTaken) await new Promise((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
  }

  release() {
    this.#isTaken = false;
    this.#waiting.shift()?.();
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const stock = new Lock();
const ledger = new Lock();

async function sell() {
  await stock.acquire();
  await sleep(20);
  await ledger.acquire(); // expect: lock-cycle
  ledger.release();
  stock.release();
}

async function book() {
  await ledger.acquire();
  await sleep(20);
  await stock.acquire();
  stock.release();
  ledger.release();
}

sell();
book();

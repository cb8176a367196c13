// a lock made by hand that is taken, given back and taken again, and one who waits for ever for what was forgotten
class Lock {
  #isTaken = false;
  #waiting = [];

  async acquire() {
    if (this.#isTaken) await new Promise((resolve) => this.#waiting.push(resolve)); // expect: pending-at-exit
    this.#isTaken = true;
  }

  release() {
    this.#isTaken = false;
    this.#waiting.shift()?.();
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const lock = new Lock();

async function inTurn() {
  await lock.acquire();
  await sleep(10);
  lock.release();
  await lock.acquire();
  void late();
  await sleep(60);
}

async function late() {
  await lock.acquire();
  lock.release();
}

inTurn();

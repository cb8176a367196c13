// a lock made by hand that a timer gives back, while its owner has asked for it again
// options: --duration 3200
const { setTimeout: sleep } = require('node:timers/promises');

class Lease {
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

const reading = new Lease();
const writing = new Lease();

async function read() {
  await reading.acquire();
  await sleep(20);
  await writing.acquire();
  writing.release();
  reading.release();
}

async function write() {
  await writing.acquire();
  await sleep(20);
  await reading.acquire();
  reading.release();
  writing.release();
}

async function guard() {
  await writing.acquire();
  setTimeout(() => writing.release(), 30_000);
}

setTimeout(() => {
  void read();
  void write();
  void guard();
}, 10);
setInterval(() => {}, 1000);

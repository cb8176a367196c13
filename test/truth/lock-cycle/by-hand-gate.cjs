// two locks made by hand, by whose names nobody would know, but who takes them gives them back
class Gate {
  #isTaken = false;
  #waiting = [];

  async enter() {
    if (this.#isTaken) await new Promise((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
  }

  leave() {
    this.#isTaken = false;
    this.#waiting.shift()?.();
  }
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const [stock, ledger] = [new Gate(), new Gate()];

async function sell() {
  await stock.enter();
  await sleep(20);
  await ledger.enter(); // expect: lock-cycle
  ledger.leave();
  stock.leave();
}

async function book() {
  await ledger.enter();
  await sleep(20);
  await stock.enter();
  stock.leave();
  ledger.leave();
}

sell();
book();

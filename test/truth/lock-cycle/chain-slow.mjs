// chains of promises in which some wait long: for a third who is at work, and behind one another
// options: --duration 3500
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

class Turns {
  #last = Promise.resolve();

  take() {
    let giveBack;
    const mine = new Promise((resolve) => (giveBack = resolve));
    const ready = this.#last.then(() => giveBack);
    this.#last = this.#last.then(() => mine);
    return ready;
  }
}

const [disk, network] = [new Turns(), new Turns()];

async function download() {
  const leave = await network.take();
  await sleep(60_000);
  leave();
}

async function copy() {
  const leave = await disk.take();
  const leaveNetwork = await network.take();
  leaveNetwork();
  leave();
}

createServer((request, response) => response.end()).listen(0);
setTimeout(() => {
  void download();
  void copy();
  void copy();
}, 10);

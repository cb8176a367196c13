// a queue of items made by hand, whose reader waits for one more: no lock
class Channel {
  #items = [];
  #readers = [];

  async take() {
    if (this.#items.length === 0) await new Promise((resolve) => this.#readers.push(resolve)); // expect: pending-at-exit
    return this.#items.shift();
  }

  put(item) {
    this.#items.push(item);
    this.#readers.shift()?.();
  }
}

const channel = new Channel();

async function pairs() {
  for (;;) {
    const left = await channel.take();
    const right = await channel.take();
    console.log(left, right);
  }
}

pairs();
setTimeout(() => channel.put(1), 20);

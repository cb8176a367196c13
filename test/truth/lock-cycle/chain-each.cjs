// a chain of promises in each of several objects: a method that calls itself takes the next one, which another task will never give back
class Turns {
  #last = Promise.resolve();

  async run(work) {
    const before = this.#last;
    let done;
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    try {
      return await work(); // expect: pending-at-exit
    } finally {
      done();
    }
  }
}

const lost = new Set();

class Folder {
  #turns = new Turns();

  constructor(parent) {
    this.parent = parent;
  }

  async visit() {
    await this.#turns.run(async () => {
      if (this.parent === undefined) return;
      await this.parent.visit();
    });
  }

  async hold() {
    await this.#turns.run(() => new Promise((resolve) => lost.add(resolve)));
  }
}

const root = new Folder();
const inner = new Folder(root);
void root.hold();
setTimeout(() => void inner.visit(), 10);

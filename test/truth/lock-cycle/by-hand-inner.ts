// a method that has a lock made by hand calls another one that takes it again, while a timer keeps the program alive
// options: --duration 3200
class Store {
  private readonly lock = new Lock();
  readonly items = new Map<string, number>();

  async add(name: string): Promise<void> {
    await this.lock.take();
    try {
      this.items.set(name, (this.items.get(name) ?? 0) + 1);
      await this.save();
    } finally {
      this.lock.giveBack();
    }
  }

  async save(): Promise<void> {
    await this.lock.take(); // expect: lock-cycle
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.lock.giveBack();
  }
}

class Lock {
  private isTaken = false;
  private readonly turns: (() => void)[] = [];

  take(): Promise<void> {
    if (this.isTaken) return new Promise((resolve) => this.turns.push(resolve));
    this.isTaken = true;
    return Promise.resolve();
  }

  giveBack(): void {
    const next = this.turns.shift();
    if (next) next();
    else this.isTaken = false;
  }
}

const store = new Store();
setTimeout(() => void store.add('lamp'), 10);
setInterval(() => console.log(store.items.size), 1000);

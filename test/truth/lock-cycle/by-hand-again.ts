// a lock made by hand, taken again by the task that has it
class Mutex {
  private waiting: (() => void)[] = [];
  private taken = false;

  async lock(): Promise<() => void> {
    while (this.taken) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.taken = true;
    return () => {
      this.taken = false;
      this.waiting.shift()?.();
    };
  }
}

const mutex = new Mutex();

async function rename(from: string, to: string): Promise<void> {
  const unlock = await mutex.lock();
  const names = [from, to];
  const again = await mutex.lock(); // expect: lock-cycle
  again();
  console.log(names);
  unlock();
}

await Promise.race([rename('a', 'b'), new Promise((resolve) => setTimeout(resolve, 50))]);

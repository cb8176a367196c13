// a hand-written semaphore that forgets to wake the next one
class Semaphore {
  #free = 1;
  #waiting: (() => void)[] = [];

  async take(): Promise<void> {
    if (this.#free-- > 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve)); // expect: pending-at-exit
  }

  give(): void {
    this.#free++;
  }
}

const semaphore = new Semaphore();

async function job(): Promise<void> {
  await semaphore.take();
  await new Promise((resolve) => setTimeout(resolve, 5));
  semaphore.give();
}

job();
job();

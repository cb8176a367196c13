/** A program that waits. The tests tell it what to do next through `globalThis.shop`. */
import { setTimeout as delay } from 'node:timers/promises';

const HOUR_MS = 3_600_000;

async function fetchPrice(book: string): Promise<number> {
  await delay(HOUR_MS);
  return book.length;
}

async function quote(books: string[]): Promise<number[]> {
  return await Promise.all(books.map((book) => fetchPrice(book)));
}

async function checkout(): Promise<void> {
  const prices = await quote(['Emma', 'Ulysses']);
  console.log('prices', prices);
}

function countPrimes(milliseconds: number): number {
  const end = performance.now() + milliseconds;
  let primes = 0;
  for (let candidate = 2; performance.now() < end; candidate++) {
    if (candidate % 2 === 1 || candidate === 2) primes++;
  }
  return primes;
}

function visit(): void {
  console.log('a visitor');
}

Object.assign(globalThis, {
  shop: {
    block: () => setTimeout(() => countPrimes(600)),
    visit: () => setTimeout(visit),
    close: () => setTimeout(() => process.exit(3)),
  },
});

void checkout();
console.log('the shop is open');

// A method that is awaited in one place and forgotten in another
class Stock {
  readonly #delays = [5, 60_000];

  async save(item: string): Promise<string> {
    const delay = this.#delays.shift() ?? 5;
    await new Promise((resolve) => setTimeout(resolve, delay));
    return item;
  }
}

const stock = new Stock();

async function order(item: string): Promise<void> {
  await stock.save(item);
  if (item !== '') stock.save(`${item} again`); // expect: floating-promise
  setTimeout(() => process.exit(), 2000);
}

setTimeout(() => void order('book'), 10);

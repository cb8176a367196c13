// jobs chained one after the other
let tail: Promise<unknown> = Promise.resolve();

function enqueue<T>(job: () => Promise<T>): Promise<T> {
  const result = tail.then(job);
  tail = result;
  return result;
}

async function job(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

await Promise.all([5, 10, 15].map((ms) => enqueue(() => job(ms))));

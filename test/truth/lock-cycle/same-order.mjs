// two locks, always in the same order
import { Mutex } from 'async-mutex';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const [first, second] = [new Mutex(), new Mutex()];

async function both() {
  await first.runExclusive(() => second.runExclusive(() => sleep(20)));
}

await Promise.all([both(), both(), both()]);

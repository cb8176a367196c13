// a limit of two, all of it taken by tasks that wait for their parts under the same limit
// since: 22
import pLimit from 'p-limit';

const limit = pLimit(2);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function page(number) {
  await sleep(2);
  return await Promise.all([1, 2].map((part) => limit(() => sleep(number + part)))); // expect: lock-cycle
}

await Promise.allSettled([1, 2, 3].map((number) => limit(() => page(number)))); // expect: unsettled-top-level-await

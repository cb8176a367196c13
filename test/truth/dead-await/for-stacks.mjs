// As p-map does: a reaction that never comes, there only for V8 to continue error stacks from each runner to the caller
// node: --expose-gc
import { setTimeout as sleep } from 'node:timers/promises';
import untilCollected from '../../support/until-collected.cjs';

let isCollected = false;

function map(items, work) {
  return new Promise((resolve) => {
    let left = items.length;
    for (const item of items) {
      const runner = (async () => {
        await work(item);
        if (--left === 0) resolve();
      })();
      const link = runner.then(() => new Promise(() => {}));
      if (item === 1) untilCollected(link, () => (isCollected = true));
      link.then(resolve);
    }
  });
}

async function work(item) {
  do await sleep(20);
  while (item === 3 && !isCollected);
}

async function build() {
  await map([1, 2, 3], work);
  console.log('built');
}

setTimeout(() => void build(), 10);

// Two wait for one call, one of them in Promise.all, and that call waits for what can never settle: told once, where it waits
// node: --expose-gc
import untilCollected from '../../support/until-collected.cjs';

const cache = new Map();

async function load(id) {
  const answer = new Promise((resolve) => id > 9 && resolve());
  untilCollected(answer);
  await answer; // expect: dead-await
  return id;
}

function cached(id) {
  if (!cache.has(id)) cache.set(id, load(id));
  return cache.get(id);
}

async function title(id) {
  return `shop ${await cached(id)}`;
}

async function page(id) {
  return `<h1>${await title(id)}</h1>`;
}

async function site(id) {
  return Promise.all([title(id), page(id)]);
}

setTimeout(async () => {
  cache.clear();
  console.log(await site(1));
}, 10);
setTimeout(() => cache.clear(), 100);

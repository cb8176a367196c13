// Several callers wait for one promise that a cache throws away before it is settled
// node: --expose-gc
const untilCollected = require('../../support/until-collected.cjs');

const cache = new Map();

function load(key) {
  const known = cache.get(key);
  if (known !== undefined) return known.promise;
  const entry = {};
  entry.promise = new Promise((resolve) => (entry.resolve = resolve));
  cache.set(key, entry);
  untilCollected(entry.promise);
  return entry.promise;
}

async function show(key) {
  await load(key); // expect: dead-await
}

setTimeout(() => {
  void show('a');
  void show('a');
}, 10);
setTimeout(() => cache.delete('a'), 100);

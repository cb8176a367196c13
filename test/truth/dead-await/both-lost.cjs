// The first of two written by hand, and neither can settle any more
// node: --expose-gc
const untilCollected = require('../../support/until-collected.cjs');

const lost = () => new Promise((resolve) => globalThis.nobody?.(resolve));

function first(one, other) {
  const promise = new Promise((resolve) => {
    one.then(resolve);
    other.then(resolve);
  });
  untilCollected(promise);
  return promise;
}

async function ask() {
  await first(lost(), lost()); // expect: dead-await
}

setTimeout(() => void ask(), 10);

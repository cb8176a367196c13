// A promise that lost a race is collected; nobody waits for it any more
// node: --expose-gc
const untilCollected = require('../../support/until-collected.cjs');

function answer() {
  const promise = new Promise((resolve) => globalThis.nobody?.(resolve));
  untilCollected(promise);
  return promise;
}

async function ask() {
  await Promise.race([answer(), new Promise((resolve) => setTimeout(resolve, 100))]);
}

setTimeout(() => void ask(), 10);

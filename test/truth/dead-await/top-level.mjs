// A top-level await ends the program because a call further in can never go on: one finding for both
// node: --expose-gc
import untilCollected from '../../support/until-collected.cjs';

function ready() {
  const promise = new Promise((resolve) => setTimeout(() => globalThis.nobody?.(resolve), 10));
  untilCollected(promise);
  return promise;
}

async function connect() {
  await ready();
}

await connect(); // expect: unsettled-top-level-await

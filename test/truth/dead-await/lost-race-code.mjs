// Code that lost a race waits for ever: its caller does not mind, but its finally never runs
// node: --expose-gc
import untilCollected from '../../support/until-collected.cjs';

function reply() {
  const promise = new Promise((resolve) => globalThis.nobody?.(resolve));
  untilCollected(promise);
  return promise;
}

async function ask() {
  try {
    await reply(); // expect: dead-await
  } finally {
    console.log('never printed');
  }
}

async function askInTime() {
  await Promise.race([ask(), new Promise((resolve) => setTimeout(resolve, 100))]);
}

setTimeout(() => void askInTime(), 10);

// The first of two written by hand: one part can never settle, the other one does
// node: --expose-gc
import untilCollected from '../../support/until-collected.cjs';

let settle;

function lost() {
  const promise = new Promise((resolve) => globalThis.nobody?.(resolve));
  untilCollected(promise, () => settle('told'));
  return promise;
}

function first(one, other) {
  return new Promise((resolve) => {
    one.then(resolve);
    other.then(resolve);
  });
}

async function ask() {
  console.log(
    await first(
      lost(),
      new Promise((resolve) => {
        settle = resolve;
      }),
    ),
  );
}

setTimeout(() => void ask(), 10);

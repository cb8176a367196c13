// A reaction to a promise that is collected, with no code that waits
// node: --expose-gc
import untilCollected from '../../support/until-collected.cjs';

function closed() {
  const promise = new Promise((resolve) => globalThis.nobody?.(resolve));
  untilCollected(promise);
  return promise;
}

setTimeout(() => {
  closed().then(() => console.log('closed'));
}, 10);

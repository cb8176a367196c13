// Code that waits for long while garbage is collected, and goes on in the end
// node: --expose-gc
const untilCollected = require('../../support/until-collected.cjs');

let resolveLater;

async function wait() {
  await new Promise((resolve) => (resolveLater = resolve));
}

setTimeout(() => {
  void wait();
  untilCollected({});
}, 10);
setTimeout(() => untilCollected({}, () => resolveLater()), 1500);

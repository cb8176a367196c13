// A function that means to wait for ever
// node: --expose-gc
const untilCollected = require('../../support/until-collected.cjs');

async function park() {
  const connection = {};
  untilCollected(connection);
  await new Promise(() => {});
  console.log(connection);
}

setTimeout(() => void park(), 10);

// A caller that goes on only some turns of the event loop later than the function it waits for.
const { setTimeout: sleep } = require('node:timers/promises');

async function part() {
  await sleep(10);
  console.log('part');
}

async function whole() {
  await Promise.all([part(), sleep(300)]);
  console.log('whole');
}

whole().then(() => process.exit());

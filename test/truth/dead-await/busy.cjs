// A lost resolve function of which no stack was taken, for there were too many awaits at that moment
// options: --duration 20000
// node: --expose-gc
const untilCollected = require('../../support/until-collected.cjs');

async function load() {
  await new Promise((resolve) => setImmediate(resolve));
}

async function ask() {
  const answer = {};
  const reply = new Promise(() => {});
  untilCollected(answer, () => setTimeout(() => process.exit(), 2500));
  const received = await reply; // expect: dead-await
  return [received, answer];
}

setTimeout(() => {
  for (let i = 0; i < 30_000; i++) void load();
  void ask();
}, 10);

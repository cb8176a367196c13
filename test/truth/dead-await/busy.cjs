// A lost resolve function in a busy program, of whose awaits few leave a stack
// options: --duration 12000
// node: --expose-gc
const untilCollected = require('../../support/until-collected.cjs');

let calls = 0;

async function load() {
  await new Promise((resolve) => setImmediate(resolve));
}

async function work() {
  for (let i = 0; i < 50; i++) await load();
}

async function ask() {
  const answer = {};
  const reply = new Promise(() => {});
  untilCollected(answer, () => setTimeout(() => process.exit(), 2500));
  const received = await reply; // expect: dead-await
  return [received, answer];
}

const timer = setInterval(() => {
  for (let i = 0; i < 40; i++) void work();
  if (++calls === 30) void ask();
  if (calls > 2000) clearInterval(timer);
}, 5);

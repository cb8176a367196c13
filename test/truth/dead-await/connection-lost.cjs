// A connection that forgets its open requests when it is lost, without rejecting them
// node: --expose-gc
const untilCollected = require('../../support/until-collected.cjs');

const waiting = new Map();

function request(id) {
  const reply = new Promise((resolve) => waiting.set(id, resolve));
  untilCollected(reply);
  return reply;
}

async function price(id) {
  const reply = await request(id); // expect: dead-await
  return reply.amount;
}

async function handle(response) {
  response.total = await price(1);
}

setTimeout(() => void handle({}), 10);
setTimeout(() => waiting.clear(), 50);

// A server that has nothing to do, so that V8 sees no need to collect: told because the last state comes after a search
// options: --duration 2000
const { createServer } = require('node:http');

const replies = new Map();

async function request(id) {
  const reply = await new Promise((resolve) => replies.set(id, resolve)); // expect: dead-await
  console.log(reply);
}

createServer((_, response) => response.end()).listen(0);
setTimeout(() => void request(7), 10);
setTimeout(() => replies.clear(), 100);

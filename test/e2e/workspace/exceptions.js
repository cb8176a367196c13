// Throws once and catches it, while enough happens that the agent has work to do.
const { setTimeout: delay } = require('node:timers/promises');

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function main() {
  const waits = Array.from({ length: 20 }, () => delay(50));
  console.log('ready');
  await Promise.all(waits);
  parse('{ not json');
  await delay(50);
  console.log('done');
}

main();

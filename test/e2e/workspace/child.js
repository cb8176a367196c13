/** A child process that waits. */
const { setTimeout: delay } = require('node:timers/promises');

async function guardDoor() {
  await delay(3_600_000);
}

void guardDoor();
console.log('at the door');

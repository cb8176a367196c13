// many tasks that wait for one and the same thing
const { readFile } = require('node:fs/promises');

const settings = readFile(__filename, 'utf8');

async function render() {
  return (await settings).length;
}

Promise.all(Array.from({ length: 1200 }, render));

// An arrow that begins to clean up and does not wait for it
const { promisify } = require('node:util');
const sleep = promisify(setTimeout);

async function cleanUp(files) {
  for (const file of files) {
    await sleep(60_000);
    files.delete(file);
  }
}

const build = async (files) => {
  const count = files.size;
  cleanUp(files); // expect: floating-promise
  await sleep(2000);
  process.exit(count === 2 ? 0 : 1);
};

setTimeout(build, 10, new Set(['a', 'b']));

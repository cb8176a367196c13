// A catch that is added when the promise is first asked for, under a mode in which Node only warns
// node: --unhandled-rejections=warn
const { readFile } = require('node:fs/promises');

const config = readFile('/there/is/no/such/file');

function configOr(fallback) {
  return config.catch(() => fallback); // expect: unhandled-rejection
}

setTimeout(() => configOr({}), 100);

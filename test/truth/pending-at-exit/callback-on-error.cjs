// an answer expected of a callback that is only called in the good case
const { readFile } = require('node:fs');

function read(file) {
  return new Promise((resolve) => {
    readFile(file, 'utf8', (error, text) => {
      if (!error) resolve(text);
    });
  });
}

async function load() {
  return await read(`${__filename}.missing`); // expect: pending-at-exit
}

load();

// a file read anew for each request
const { readFileSync } = require('node:fs');

function handle() {
  return readFileSync(__filename, 'utf8').length; // expect: blocking-call
}

for (const ms of [60, 80, 100, 120]) setTimeout(handle, ms);

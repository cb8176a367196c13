/** Serves a file that others may ask for too; nobody runs it. */
const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');

function load() {
  return readFileSync('index.html');
}

exports.load = load;
exports.server = createServer((request, response) => {
  response.end(load());
});

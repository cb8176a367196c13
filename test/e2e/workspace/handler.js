/** Serves a file and blocks while it reads it; nobody runs it. */
const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');

exports.server = createServer((request, response) => {
  response.end(readFileSync('index.html'));
});

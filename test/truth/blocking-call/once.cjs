// one small file read once
const { readFileSync } = require('node:fs');

setTimeout(() => readFileSync(__filename, 'utf8'), 60);

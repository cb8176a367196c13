// files read while the program starts
const { existsSync, readFileSync } = require('node:fs');

for (let i = 0; i < 5; i++) if (existsSync(__filename)) readFileSync(__filename, 'utf8');
setTimeout(() => {}, 50);

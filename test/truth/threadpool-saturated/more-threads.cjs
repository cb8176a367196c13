// a pool with enough threads
// options: --duration 600
process.env.UV_THREADPOOL_SIZE = '8';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const folder = fs.mkdtempSync(join(tmpdir(), 'pipes-'));
const names = ['a', 'b', 'c', 'd', 'e'].map((name) => join(folder, name));
execFileSync('mkfifo', names);
for (const name of names) fs.open(name, () => {});
fs.stat(folder, () => {});

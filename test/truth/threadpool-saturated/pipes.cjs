// four pipes that nobody writes to, and a file
// options: --duration 1200
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const folder = fs.mkdtempSync(join(tmpdir(), 'pipes-'));
const names = ['a', 'b', 'c', 'd'].map((name) => join(folder, name));
execFileSync('mkfifo', names);

async function follow(name) {
  await fs.promises.readFile(name); // expect: threadpool-saturated
}

async function load() {
  await fs.promises.stat(folder);
}

for (const name of names) follow(name);
load();

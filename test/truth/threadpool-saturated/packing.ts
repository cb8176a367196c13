// files packed while all threads wait for pipes
// options: --duration 1200
import { execFileSync } from 'node:child_process';
import { mkdtempSync, open } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzip } from 'node:zlib';

const folder = mkdtempSync(join(tmpdir(), 'pipes-'));

function listen(name: string): void {
  open(name, () => {}); // expect: threadpool-saturated
}

const names = ['a', 'b', 'c', 'd'].map((name) => join(folder, name));
const make = 'mkfifo';
execFileSync(make, names);
names.forEach(listen);
gzip('text', () => {});

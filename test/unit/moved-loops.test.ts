/** Loops that a quick fix moved to a worker thread: the programs run before and after, and must say the same. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { examine } from '../../src/ui/fixes/main.ts';
import { applyEdits } from '../../src/ui/fixes/syntax.ts';
import { nodeBinary, nodeMajor } from '../support/run-node.ts';

/** Worker threads of Node 22 and later load it as well; those of Node 20 know no TypeScript. */
const TYPESCRIPT = 22;
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** The fix is made at the line that ends with `// !`. */
const PROGRAMS: Record<string, [file: string, text: string]> = {
  'a handler of a server': [
    'server.mjs',
    `
import { createServer } from 'node:http';
const server = createServer((_request, response) => {
  let x = 0;
  for (let i = 0; i < 1e6; i++) x = (x * 31 + i) | 0; // !
  response.end(JSON.stringify({ x }));
});
server.listen(0, async () => {
  console.log(await (await fetch('http://localhost:' + server.address().port)).text());
  server.close();
});`,
  ],
  'several results, a helper and a label, without semicolons': [
    'primes.cjs',
    `
const { createHash } = require('crypto')
const LIMIT = 2000
const digest = (n) => createHash('md5').update(String(n)).digest('hex').slice(0, PART)
const PART = 4

exports.primes = {
  async run(from) {
    let count = 0, last
    const found = []
    search: for (let n = from; n < LIMIT; n++) {
      for (let d = 2; d * d <= n; d++) if (n % d === 0) continue search // !
      count++
      last = n
      found.push(digest(n))
    }
    return { count, last, found }
  },
}
exports.primes.run(1000).then((result) => console.log(JSON.stringify(result)))`,
  ],
  'maps, sets, typed arrays and elements of others': [
    'grid.mjs',
    `
class Grid {
  #cells = new Float64Array(3);
  async blur(options, rows) {
    const seen = new Map();
    const sums = new Float64Array(options.size);
    let best;
    for (const row of rows) {
      row.map((cell) => cell * options.factor).forEach((cell, index) => {
        sums[index % sums.length] += cell; // !
        seen.set(cell, [...(seen.get(cell) ?? []), index]);
        [best] = [Math.max(best ?? 0, cell)];
      });
    }
    this.#cells = sums;
    return { seen, best, cells: this.#cells };
  }
}
const options = { size: 2, factor: 1.5, print: (text) => console.log(text) };
new Grid().blur(options, [[1, 2, 3], [4, 1]]).then(options.print);`,
  ],
  'a loop that throws': [
    'throws.mjs',
    `
const check = async (rows) => {
  try {
    for (const row of rows) {
      if (row > 2) throw new RangeError('too much: ' + row); // !
    }
  } catch (error) {
    console.log(String(error), error instanceof RangeError);
  }
};
await check([1, 2, 3]);`,
  ],
  'a loop within one that waits': [
    'rounds.mjs',
    `
import { setImmediate as turn } from 'node:timers/promises';
const jobs = [{ parts: [1, 2] }, { parts: [3] }].map((job) => ({ ...job, done: (sum) => console.log(sum) }));
for (const job of jobs) {
  await turn();
  let sum = 0;
  for (const part of job.parts) sum += part; // !
  job.done(sum);
}`,
  ],
  TypeScript: [
    'sums.mts',
    `
interface Row {
  name: string;
  value: number;
}
export class Report {
  async sums(rows: readonly Row[], scale = 2): Promise<unknown> {
    const sums: Record<string, number> = {};
    let best: number;
    best = -1;
    for (const { name, value } of rows) {
      sums[name] = (sums[name] ?? 0) + value * scale; // !
      best = Math.max(best, sums[name] ?? 0);
    }
    return { sums, best };
  }
}
console.log(await new Report().sums([{ name: 'a', value: 1 }, { name: 'a', value: 2 }, { name: 'b', value: 3 }]));`,
  ],
};

describe('a loop that was moved to a worker thread', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'moved-loops-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const answer = (file: string, text: string): string => {
    writeFileSync(path.join(folder, file), text);
    return execFileSync(nodeBinary(), ['--import', LOADER, file], { cwd: folder, encoding: 'utf8', timeout: 30_000 });
  };

  const major = nodeMajor();
  const programs = Object.entries(PROGRAMS).filter(([, [file]]) => !file.endsWith('ts') || major >= TYPESCRIPT);
  for (const [title, [file, text]] of programs) {
    it(`gives the same: ${title}`, () => {
      const line = text.split('\n').findIndex((one) => one.endsWith('// !'));
      const fix = examine(text, file)?.loop(line);
      assert.ok(fix?.newFile, 'there is no fix');
      const before = answer(file, text);
      assert.notEqual(before, '');
      writeFileSync(path.join(folder, fix.newFile.name), fix.newFile.text);
      const moved = applyEdits(text, fix.edits);
      assert.match(moved, /await \w+LoopInWorker\(/);
      assert.equal(answer(file, moved), before);
    });
  }
});

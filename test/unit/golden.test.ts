/** The golden-file helper of the tests: a helper that can't fail would make every test that uses it worthless. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { assertGolden, normalise } from '../support/golden.ts';

describe('assertGolden', () => {
  let folder: string;
  let file: string;
  const reset = process.env['RESET_GOLDENS'];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'golden-'));
    file = path.join(folder, 'tree.golden.txt');
    delete process.env['RESET_GOLDENS'];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    if (reset !== undefined) process.env['RESET_GOLDENS'] = reset;
  });

  it('accepts the text of the file, whatever its line breaks', () => {
    writeFileSync(file, 'one\r\ntwo\r\n');
    assertGolden(file, 'one\ntwo');
  });

  it('fails on another text and keeps it beside the file', () => {
    writeFileSync(file, 'one\n');
    assert.throws(() => assertGolden(file, 'two'), /tree\.golden\.txt/);
    assert.equal(readFileSync(`${file}.actual`, 'utf8'), 'two\n');
  });

  it('fails when there is no file yet', () => {
    assert.throws(() => assertGolden(file, 'one'));
  });

  it('removes what an earlier failure left behind', () => {
    writeFileSync(file, 'one\n');
    assert.throws(() => assertGolden(file, 'two'));
    assertGolden(file, 'one');
    assert.equal(existsSync(`${file}.actual`), false);
  });

  it('rewrites the file on demand', () => {
    process.env['RESET_GOLDENS'] = '1';
    assertGolden(file, 'one');
    delete process.env['RESET_GOLDENS'];
    assert.equal(readFileSync(file, 'utf8'), 'one\n');
  });
});

describe('normalise', () => {
  const cases: [string, string, string][] = [
    ['ages', 'getOrder  server.mjs:34 · 1.2 s · socket', 'getOrder  server.mjs:34 · <age> · socket'],
    ['an age alone', 'Promise.all  2 min 5 s', 'Promise.all  <age>'],
    [
      'time left, but not the delay itself',
      'setTimeout 600000 ms, 599873 ms left',
      'setTimeout 600000 ms, <time> left',
    ],
    ['idle times, which not every run has', 'socket a:1, waiting for data, idle 12 s', 'socket a:1, waiting for data'],
    ['the time until a wait is aborted', "once(Bus, 'x'), times out in 59 s", "once(Bus, 'x'), times out in <time>"],
    ['known ports by name', 'socket 127.0.0.1:5432, waiting', 'socket 127.0.0.1:<postgres>, waiting'],
    ['other ports', 'socket [::1]:40000', 'socket [::1]:<port>'],
    ['process ids', 'server.mjs  pid 4711 · running', 'server.mjs  pid <pid> · running'],
    ['the folder for temporary files', path.join(tmpdir(), 'x.js'), path.join('<tmp>', 'x.js')],
  ];
  for (const [what, before, after] of cases) {
    it(`replaces ${what}`, () => assert.equal(normalise(before, { postgres: 5432 }), after));
  }

  it('leaves counts, lines and delays alone', () => {
    const text = 'getOrder ×50  server.mjs:34 · setTimeout 600000 ms';
    assert.equal(normalise(text), text);
  });
});

/** Files that can't be looked at: for who asks there are none. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSources } from '../../src/adapter/source-maps.ts';
import { statOf } from '../../src/adapter/stat-of.ts';
import { createTextReader } from '../../src/adapter/text-reader.ts';

describe('a file within a file, as in an archive', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lens stat-'));
    file = path.join(folder, 'packages.zip', 'job.js');
    writeFileSync(path.dirname(file), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is none, and no error', () => assert.equal(statOf(file), undefined));

  it('has no text', () => assert.equal(createTextReader()(file), undefined));

  it('keeps the line that ran', () => {
    const frame = { file, line: 6, column: 3, function: 'work' };
    assert.deepEqual(createSources().locate(frame), frame);
    assert.equal(createSources().isUser(frame), true);
  });
});

/** The folders of event files: gone with their owner, even when it was killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSpoolFolder, removeSpoolFolder, sweepSpoolFolders } from '../../src/adapter/spool-folder.ts';

describe('folders of event files', () => {
  it('of living processes are left alone by the sweep, those of dead ones are removed', async () => {
    const own = makeSpoolFolder();
    const child = spawn(process.execPath, ['--eval', '']);
    const dead = join(tmpdir(), `async-lens-${child.pid}-left`);
    mkdirSync(join(dead, 'within'), { recursive: true });
    const unrelated = join(tmpdir(), `async-lens-of-somebody-${process.pid}`);
    mkdirSync(unrelated);
    try {
      await once(child, 'exit');
      sweepSpoolFolders();
      assert.deepEqual([own, dead, unrelated].map(existsSync), [true, false, true]);
    } finally {
      rmSync(unrelated, { recursive: true });
      removeSpoolFolder(own);
    }
    assert.equal(existsSync(own), false);
  });
});

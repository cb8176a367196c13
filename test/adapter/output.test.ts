/** What of a program's stderr reaches the console, and what NODE_OPTIONS a program gets. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withAgent } from '../../src/adapter/node-options.ts';
import { createOutputFilter } from '../../src/adapter/output-filter.ts';

const ATTACHED = 'Debugger attached.\n';
const WAITING = 'Waiting for the debugger to disconnect...\n';

function pass(...chunks: string[]): string[] {
  const filter = createOutputFilter();
  return [...chunks.map((chunk) => filter.write(chunk)), filter.end()];
}

describe('the output filter', () => {
  it("removes the inspector's lines and keeps everything around them", () => {
    assert.deepEqual(pass(`one\n${ATTACHED}two\n`, WAITING, 'three\n'), ['one\ntwo\n', '', 'three\n', '']);
  });

  it('removes a line that comes in pieces', () => {
    assert.deepEqual(pass('Debugger at', 'tached.', '\nrest'), ['', '', 'rest', '']);
  });

  it('passes text on at once when it cannot become such a line', () => {
    assert.deepEqual(pass('Password: ', 'Debugger?'), ['Password: ', 'Debugger?', '']);
  });

  it('keeps the beginning of a line that never became one', () => {
    assert.deepEqual(pass('Debugger att', 'ention\n'), ['', 'Debugger attention\n', '']);
    assert.deepEqual(pass('Debugger att'), ['', 'Debugger att']);
  });

  it('keeps the same words inside a longer line, and a second time', () => {
    assert.deepEqual(pass(`my ${ATTACHED}`), [`my ${ATTACHED}`, '']);
    assert.deepEqual(pass(ATTACHED, ATTACHED), ['', ATTACHED, '']);
  });

  it('knows Windows line breaks', () => {
    assert.deepEqual(pass('Debugger attached.\r\nx\r\n'), ['x\r\n', '']);
  });
});

describe('NODE_OPTIONS', () => {
  it('keeps the options that were there', () => {
    assert.equal(withAgent('/agent.cjs', '--max-old-space-size=99'), '--require "/agent.cjs" --max-old-space-size=99');
    assert.equal(withAgent('/agent.cjs', ' '), '--require "/agent.cjs"');
  });

  it('lets Node find a path with spaces, quotes and backslashes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lens-options-'));
    try {
      const odd = join(folder, process.platform === 'win32' ? "it's here" : String.raw`it's "here" \ now`);
      mkdirSync(odd);
      writeFileSync(join(odd, 'a.cjs'), 'process.stdout.write("loaded")');
      const env = { ...process.env, NODE_OPTIONS: withAgent(join(odd, 'a.cjs'), '--no-warnings') };
      assert.equal(execFileSync(process.execPath, ['-e', '0'], { env, encoding: 'utf8' }), 'loaded');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** The pure parts of the editor's side: environment files, runtimes, squiggles and times. */
import assert from 'node:assert/strict';
import { shortDuration } from '../../src/ui/duration.ts';
import { variableKey } from '../../src/adapter/node-options.ts';
import { fileKey } from '../../src/ui/file-key.ts';
import { variableOf } from '../../src/ui/node-options.ts';
import { otherRuntime } from '../../src/ui/runtime.ts';
import { underlined } from '../../src/ui/source-range.ts';
import { blockedOnceText, blockedText } from '../../src/ui/stall-text.ts';
import { workerName } from '../../src/ui/worker-name.ts';

/** The underlined part of the line; `^` in it marks the column of the finding. */
function marked(line: string): string {
  const text = line.replace('^', '');
  const { start, end } = underlined(text, line.indexOf('^') + 1);
  return text.slice(start, end);
}

describe('NODE_OPTIONS of a launch configuration', () => {
  it('is read from an .env file, the last one counting', () => {
    const file =
      'A=1\nNODE_OPTIONS=--first\n# NODE_OPTIONS=--comment\nexport NODE_OPTIONS = "--max-old-space-size=500 -r x"\r\nB=2';
    assert.equal(variableOf(file, 'NODE_OPTIONS'), '--max-old-space-size=500 -r x');
  });

  it('is undefined when the file does not name it', () => {
    assert.equal(variableOf('MY_NODE_OPTIONS=1\n', 'NODE_OPTIONS'), undefined);
  });

  it('is found in any case on Windows and only there', () => {
    assert.equal(variableKey({ Node_Options: '-x' }, 'NODE_OPTIONS', 'win32'), 'Node_Options');
    assert.equal(variableKey({ Node_Options: '-x' }, 'NODE_OPTIONS', 'linux'), 'NODE_OPTIONS');
    assert.equal(variableKey({}, 'NODE_OPTIONS', 'win32'), 'NODE_OPTIONS');
    assert.equal(variableKey({ Path: 'C:\\' }, 'PATH', 'win32'), 'Path');
  });
});

describe('A file of a program', () => {
  it('is that of the editor by any capitals on Windows and macOS, and only there', () => {
    const [editors, programs] = ['file:///c%3A/Users/me/App/job.ts', 'file:///c%3A/users/me/app/job.ts'];
    const isSame = (platform: string): boolean => fileKey(editors, platform) === fileKey(programs, platform);
    assert.deepEqual(['win32', 'darwin', 'linux'].map(isSame), [true, true, false]);
  });
});

describe('Runtimes that are not Node', () => {
  it('are told by the name of their executable', () => {
    assert.equal(otherRuntime('bun'), 'Bun');
    assert.equal(otherRuntime('/opt/deno/bin/deno'), 'Deno');
    assert.equal(otherRuntime('C:\\app\\node_modules\\.bin\\electron.CMD'), 'Electron');
  });

  it('do not include package managers, loaders and Node itself', () => {
    for (const executable of ['node', '/usr/bin/node20', 'npm', 'pnpm.cmd', 'tsx', 'nodemon', undefined, 7]) {
      assert.equal(otherRuntime(executable), undefined);
    }
  });
});

describe('A squiggle', () => {
  it('covers the dotted name around the column', () => {
    assert.equal(marked("  return crypto.^pbkdf2Sync('a', 'b');"), 'crypto.pbkdf2Sync');
  });

  it('covers an await with what it awaits', () => {
    assert.equal(marked('  const rows = ^await pool.query(text);'), 'await pool.query');
    assert.equal(marked('  ^await new Promise(() => {});'), 'await new Promise');
    assert.equal(marked('  ^await (async () => 1)();'), 'await');
  });

  it('covers the whole trimmed line when the column is elsewhere', () => {
    assert.equal(underlinedText('  work();  ', 1), 'work();');
    assert.equal(underlinedText('  work();  ', 99), 'work();');
    assert.deepEqual(underlined('', 5), { start: 0, end: 0 });
  });
});

describe('The session of a worker thread', () => {
  it('has the name that the program gave the thread', () => {
    assert.deepEqual(
      ['[worker 3] cruncher', '[worker 3] a b « app.js', '[worker 3]', '[worker 4] WorkerThread', 'app.js [4711]'].map(
        workerName,
      ),
      ['cruncher', 'a b', undefined, undefined, undefined],
    );
  });
});

describe('A time in the status bar', () => {
  it('is short', () => {
    assert.deepEqual([0, 3.4, 999, 1234, 59_940, 125_000].map(shortDuration), [
      '0 ms',
      '3 ms',
      '999 ms',
      '1.2 s',
      '59.9 s',
      '2 min',
    ]);
  });
});

function underlinedText(line: string, column: number): string {
  const { start, end } = underlined(line, column);
  return line.slice(start, end);
}

describe('A stall', () => {
  const stall = { sinceMs: 1000, toldMs: 2000 };

  it('counts up while it lasts, and says when nothing was heard for a while', () => {
    assert.equal(blockedText({ ...stall, api: 'crypto.pbkdf2Sync' }, 2200), 'blocked for 1.2 s in crypto.pbkdf2Sync');
    assert.equal(
      blockedText({ ...stall, location: { function: 'primes' } }, 1400),
      'blocked for 400 ms in JavaScript (primes)',
    );
    assert.equal(blockedText(stall, 3500), 'blocked for about 2.5 s in JavaScript');
  });

  it('tells its length when it is over, and those of all when there were several', () => {
    assert.equal(blockedOnceText({ lastMs: 2312, count: 3, totalMs: 4100 }), 'blocked 2.31 s · 3 times, 4.1 s in all');
    assert.equal(blockedOnceText({ lastMs: 512, count: 1, totalMs: 512 }), 'blocked 512 ms');
  });
});

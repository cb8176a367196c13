import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunOptions } from '../../src/cli/args.ts';
import { readCommand } from '../../src/cli/args.ts';
import { exitCodeOf } from '../../src/cli/child.ts';
import { Failure } from '../../src/cli/failure.ts';
import { wantsColour } from '../../src/cli/print.ts';
import { targetOf, windowsTarget } from '../../src/cli/target.ts';

function options(line: string): RunOptions {
  const command = readCommand(line.split(' '));
  assert.ok(command.command === 'run');
  return command.options;
}

describe('the command line', () => {
  it('takes times with a unit', () => {
    const times = ['1', '250ms', '10s', '16.1s', '2m', '1h'].map(
      (time) => options(`run --duration ${time} x`).durationMs,
    );
    assert.deepEqual(times, [1, 250, 10_000, 16_100, 120_000, 3_600_000]);
  });

  it('takes a program and its arguments', () => {
    assert.deepEqual(options('run -- app.js --json x'), { quiet: false, program: 'app.js', args: ['--json', 'x'] });
  });

  it('needs no -- before a program', () => {
    assert.deepEqual(options('run --quiet npm start -- --port 1'), {
      quiet: true,
      program: 'npm',
      args: ['start', '--', '--port', '1'],
    });
  });

  it('takes its own options before the program', () => {
    assert.deepEqual(
      options('run --json out.json --duration 1500 --creation-stacks all --profiler on --quiet -- node app.js'),
      {
        json: 'out.json',
        durationMs: 1500,
        creationStacks: 'all',
        profiler: 'on',
        quiet: true,
        program: 'node',
        args: ['app.js'],
      },
    );
    assert.equal(options('run --find-dead-awaits -- app.js').findDeadAwaits, true);
    assert.equal(options('run --json=-odd --duration=1 x').json, '-odd');
  });

  for (const line of ['', '--help', '-h', 'help', 'run --help', 'run -h -- app.js']) {
    it(`'${line}' helps`, () => {
      assert.deepEqual(readCommand(line === '' ? [] : line.split(' ')), { command: 'help' });
    });
  }

  for (const line of ['--version', '-v', 'run --version']) {
    it(`'${line}' tells the version`, () => assert.deepEqual(readCommand(line.split(' ')), { command: 'version' }));
  }

  const mistakes: [string, string][] = [
    ['walk', "unknown command walk; 'async-lens --help' tells what there is"],
    ['--json x run', "unknown option --json; 'async-lens --help' tells what there is"],
    ['run --jsn x -- app.js', "unknown option '--jsn'; 'async-lens --help' tells what there is"],
    ['run -q -- app.js', "unknown option '-q'; 'async-lens --help' tells what there is"],
    ['run --quiet=yes app.js', "option '--quiet' does not take an argument; 'async-lens --help' tells what there is"],
    ['run', 'no program given: async-lens run -- PROGRAM [arguments]'],
    ['run --quiet --', 'no program given: async-lens run -- PROGRAM [arguments]'],
    ['run --json', "option '--json <value>' argument missing; 'async-lens --help' tells what there is"],
    ['run --json= app.js', '--json needs the name of a file'],
    [
      'run --duration 1.5 app.js',
      "--duration needs a time from 1 ms to 24 days, such as 10s, 2m, 500ms or 10000, not '1.5'",
    ],
    [
      'run --duration 5x app.js',
      "--duration needs a time from 1 ms to 24 days, such as 10s, 2m, 500ms or 10000, not '5x'",
    ],
    ['run --profiler always app.js', "--profiler needs 'auto', 'on' or 'off', not 'always'"],
    ['run --creation-stacks some app.js', "--creation-stacks needs 'all' or 'sampled', not 'some'"],
    [
      'run --duration 0 app.js',
      "--duration needs a time from 1 ms to 24 days, such as 10s, 2m, 500ms or 10000, not '0'",
    ],
    [
      'run --duration 9999999999 app.js',
      "--duration needs a time from 1 ms to 24 days, such as 10s, 2m, 500ms or 10000, not '9999999999'",
    ],
  ];
  for (const [line, message] of mistakes) {
    it(`'${line}': ${message}`, () => {
      assert.throws(
        () => readCommand(line.split(' ')),
        (error) => error instanceof Failure && error.message === message,
      );
    });
  }
});

describe('the program to start', () => {
  let folder: string;
  const inFolder = (name: string) => path.join(folder, name);
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'lens target-')));
    writeFileSync(inFolder('app.mts'), '');
    writeFileSync(inFolder('tool'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(inFolder('server'), '', { mode: 0o644 });
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is this Node.js for a script', () => {
    const app = inFolder('app.mts');
    assert.deepEqual(targetOf(app, ['-x']), { file: process.execPath, args: [app, '-x'], shell: false });
  });

  it('is this Node.js for a folder', () => assert.equal(targetOf(folder, []).file, process.execPath));

  it('says so when a script is not there', () => {
    for (const program of ['./nowhere.js', inFolder('app.mts/nowhere.js')])
      assert.throws(() => targetOf(program, []), { message: `there is no program ${program}` });
  });

  if (process.platform !== 'win32') {
    it('is this Node.js for a file that cannot be executed', () => {
      assert.deepEqual(targetOf(inFolder('server'), []).args, [inFolder('server')]);
    });

    it('is the command itself otherwise', () => {
      assert.deepEqual(targetOf('npm', ['start']), { file: 'npm', args: ['start'], shell: false });
      assert.equal(targetOf(inFolder('tool'), []).file, inFolder('tool'));
    });
  }
});

describe('the program to start on Windows', () => {
  const env = { PATH: '"C:\\my tools";C:\\node;', PATHEXT: '.COM;.EXE;.BAT;.CMD' };
  const there = new Set(
    ['C:\\node\\node.exe', 'C:\\node\\npm.cmd', 'C:\\my tools\\both.cmd', 'C:\\node\\both.exe'].concat(
      ['node_modules\\.bin\\mocha.cmd', 'tools\\own.exe', 'tools\\notes.py'].map((name) => path.win32.resolve(name)),
    ),
  );
  const target = (program: string, ...args: string[]) =>
    windowsTarget(program, args, env, (file) => there.has(file.replace(/\.[A-Z]+$/, (end) => end.toLowerCase())));
  const shell = (file: string) => ({ file, args: [], shell: true });

  it('is started without a shell, so that it can be ended and gets its words as they are', () => {
    const args = ['app.js', '%PATH%', 'a & "b"'];
    for (const program of ['node', 'node.exe', 'C:\\node\\node', './tools/own'])
      assert.deepEqual(target(program, ...args), { file: program, args, shell: false });
  });

  it('is left to the shell where it is a batch file, or none is there', () => {
    assert.deepEqual(target('npm', 'test', 'a b'), shell('npm test "a b"'));
    assert.deepEqual(target('both'), shell('both'));
    assert.deepEqual(target('echo', 'x'), shell('echo x'));
    assert.deepEqual(target('tools/notes.py'), shell('tools\\notes.py'));
  });

  it('has backslashes in its path: the shell takes what follows a slash for an option', () =>
    assert.deepEqual(target('node_modules/.bin/mocha', 'test/a.js'), shell('node_modules\\.bin\\mocha test/a.js')));

  it('says so when no file has that path', () =>
    assert.throws(() => target('tools\\nothing'), { message: 'there is no program tools\\nothing' }));
});

describe('the exit code', () => {
  it('is the program’s own', () => assert.equal(exitCodeOf({ code: 3, signal: null }), 3));

  it('is 128 + signal number after a signal', () => {
    assert.equal(exitCodeOf({ code: null, signal: 'SIGKILL' }), 137);
    assert.equal(exitCodeOf({ code: null, signal: 'SIGTERM' }), 143);
  });
});

describe('colours', () => {
  const terminal = { isTTY: true };

  it('are for terminals', () => {
    assert.equal(wantsColour(terminal, {}), true);
    assert.equal(wantsColour({}, {}), false);
  });

  it('can be refused', () => {
    assert.equal(wantsColour(terminal, { NO_COLOR: '1' }), false);
    assert.equal(wantsColour(terminal, { TERM: 'dumb' }), false);
  });
});

/** What the lists of processes of macOS and Windows are read as. */
import assert from 'node:assert/strict';
import { inspectorPorts, isNode, listed, wordsWithEnvironment } from '../../src/adapter/late/processes.ts';

describe('a list of processes', () => {
  it('has quoted programs, names without a command and lines that end in two characters on Windows', () => {
    const text =
      '12 "C:\\Program Files\\nodejs\\node.exe"   app.js "a b"\r\n  7 node.exe\r\n8 \r\n9 "C:\\x\\node_helper.exe"\r\n\r\n';
    assert.deepEqual(
      listed(text).map(({ pid, command }) => [pid, isNode(command[0]), ...command]),
      [
        [12, true, 'C:\\Program Files\\nodejs\\node.exe', 'app.js', '"a', 'b"'],
        [7, true, 'node.exe'],
        [8, false],
        [9, false, 'C:\\x\\node_helper.exe'],
      ],
    );
  });

  it('has programs with spaces on macOS', () => {
    const programs =
      '    1 /sbin/launchd\n  20 /Users/me/Library/Application Support/fnm/bin/node\n  21 node\n 22 vim\n';
    const commands =
      '    1 /sbin/launchd\n  20 /Users/me/Library/Application Support/fnm/bin/node server.js --port 3\n  21 node\n  22 vim /usr/local/bin/node\n  23 nodes x\n';
    assert.deepEqual(
      listed(commands, programs).map(({ pid, command }) => [pid, isNode(command[0]), command.length]),
      [
        [1, false, 1],
        [20, true, 4],
        [21, true, 1],
        [22, false, 2],
        [23, false, 2],
      ],
    );
  });

  it('tells the options in the environment on macOS', () => {
    const words = wordsWithEnvironment(
      'node app.js HOME=/Users/me NODE_OPTIONS=--inspect-port=9333 --disable-sigusr1 A=1\n',
    );
    assert.deepEqual([...inspectorPorts(words)], [9333]);
    assert.ok(words.includes('--disable-sigusr1'));
    const first = wordsWithEnvironment('node app.js NODE_OPTIONS=--disable-sigusr1');
    assert.ok(first.includes('--disable-sigusr1'));
  });
});

/** The packages that the agent knows, found by the paths and URLs of every system. */
import assert from 'node:assert/strict';
import { commonFile, moduleFile } from '../../src/agent/libraries/packages.ts';

describe('a file of a known package', () => {
  const files: [string, string | undefined][] = [
    ['/app/node_modules/async-mutex/lib/Mutex.js', 'async-mutex'],
    ['C:\\app\\node_modules\\async-mutex\\lib\\Mutex.js', 'async-mutex'],
    ['/app/node_modules/@redis/client/dist/lib/client/index.js', '@redis/client'],
    ['C:\\app\\node_modules\\@redis\\client\\dist\\lib\\client\\index.js', '@redis/client'],
    ['\\\\server\\app\\node_modules\\.pnpm\\pg@8\\node_modules\\pg\\lib\\client.js', 'pg'],
    ['C:\\app\\lib\\Mutex.js', undefined],
    ['C:\\app\\node_modules\\other\\node_modules\\lib\\Mutex.js', undefined],
  ];
  for (const [path, expected] of files)
    it(`${path}: ${expected ?? 'none'}`, () => assert.equal(commonFile(path)?.package, expected));

  it('is found by its URL', () =>
    assert.equal(moduleFile('file:///C:/app/node_modules/p-limit/index.js?v=1')?.package, 'p-limit'));
});

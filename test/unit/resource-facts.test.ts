/** What a wait for a resource is about, as far as its type tells it. */
import assert from 'node:assert/strict';
import { describeResource } from '../../src/agent/resources/resource-facts.ts';

describe('a watcher of files', () => {
  it('is told as one when no stack of it was taken, as of most of many at once', () => {
    assert.deepEqual(describeResource('FSEVENTWRAP', {}, []), { kind: 'fs', operation: 'watch' });
    assert.deepEqual(describeResource('STATWATCHER', {}, []), { kind: 'fs', operation: 'watchFile' });
  });
});

/** Tests of Node's own runner. */
import assert from 'node:assert';
import { describe, it } from 'node:test';

describe('a suite of node:test', { concurrency: true }, () => {
  for (let i = 0; i < 5; i++) {
    it(`waits ${i}`, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      assert.ok(true);
    });
  }
});

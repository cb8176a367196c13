/** Tests of mocha. */
import assert from 'node:assert';

describe('a suite of mocha', () => {
  before(() => new Promise((resolve) => setTimeout(resolve, 5)));
  for (let i = 0; i < 20; i++) {
    it(`waits ${i}`, async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      assert.ok(i >= 0);
    });
  }
});

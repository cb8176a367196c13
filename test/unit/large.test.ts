import assert from 'node:assert/strict';
import { LargeMap, LargeSet } from '../../src/agent/tree/large.ts';

describe('large maps and sets', () => {
  const COUNT = 300_000;

  it('are as maps: each key once, with its last value, in the order in which they came', () => {
    const large = new LargeMap<number, string>();
    const map = new Map<number, string>();
    for (let i = 0; i < 2 * COUNT; i++) {
      const key = (i * 7) % COUNT;
      large.set(key, `${i}`);
      map.set(key, `${i}`);
    }
    assert.equal(large.size, COUNT);
    assert.deepEqual([...large.keys()], [...map.keys()]);
    assert.deepEqual([...large.values()], [...map.values()]);
    for (const key of [0, 1, COUNT / 2, COUNT - 1, COUNT, -1]) {
      assert.equal(large.get(key), map.get(key));
      assert.equal(large.has(key), map.has(key));
    }
  });

  it('are as sets', () => {
    const large = new LargeSet<number>();
    for (let i = 0; i < 2 * COUNT; i++) large.add(i % COUNT);
    assert.equal(large.size, COUNT);
    assert.ok(large.has(COUNT - 1) && large.has(0) && !large.has(COUNT));
    assert.equal([...large].length, COUNT);
  });
});

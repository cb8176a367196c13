/** How late an interval's last tick was, as far as two looks can tell. */
import assert from 'node:assert/strict';
import { tickDelay } from '../../src/agent/waits/ticks.ts';

/** What is told at each look at an interval of 1000 ms that began to wait at these times. */
function told(...starts: number[]): (number | undefined)[] {
  const timer = {};
  return starts.map((startMs) => tickDelay(timer, startMs, 1000));
}

describe('delay of ticks', () => {
  it('is unknown before a tick was seen', () => {
    assert.deepEqual(told(0, 0), [undefined, undefined]);
  });

  it('is what passed beyond the period, until the next tick', () => {
    assert.deepEqual(told(0, 1340, 1340, 2341), [undefined, 340, 340, 1]);
  });

  it('is unknown when more than one tick may lie between two looks', () => {
    assert.deepEqual(told(0, 2000, 3005), [undefined, undefined, 5]);
  });

  it('is unknown when the program has started the interval anew', () => {
    assert.deepEqual(told(0, 400), [undefined, undefined]);
  });
});

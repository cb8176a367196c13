import assert from 'node:assert/strict';
import { FULL, WAITER } from '../../src/agent/promises/flags.ts';
import { promiseHooks } from '../../src/agent/promises/promises.ts';
import { PromiseStamp } from '../../src/agent/promises/stamp.ts';

/** As V8 tells of promises; any object will do. */
const { init, settled } = promiseHooks;

describe('the record of a promise', () => {
  it('counts those who wait', () => {
    const promise = {};
    const waiters = [{}, {}, {}];
    init(promise, undefined);
    for (const waiter of waiters) init(waiter, promise);
    const record = PromiseStamp.get(promise);
    assert.equal(record?.waiters, 3);
    settled(waiters[0] ?? {});
    assert.equal(record.waiters, 2);
  });

  it('stays that of a promise which ever more reactions are added to', () => {
    const promise = {};
    init(promise, undefined);
    const record = PromiseStamp.get(promise);
    assert.ok(record);
    const late = [{}, {}, {}];
    record.flags += FULL - WAITER;
    for (const waiter of late) init(waiter, promise);
    assert.ok(record.flags > 0 && record.flags < 2 ** 31, 'its bits and its number of waiters are apart');
    assert.ok(record.isPending);
    assert.equal(record.waiters, FULL / WAITER);
    for (const waiter of late) settled(waiter);
    assert.equal(record.waiters, FULL / WAITER - 1, 'those that were not counted are not counted back');
  });
});

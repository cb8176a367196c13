/** A storm of short calls is timed by samples that stand for all of them, and what comes after it is timed again. */
import assert from 'node:assert/strict';
import {
  addToApi,
  isSkipped,
  newSums,
  skipAfter,
  takeBack,
  takeSums,
  type ApiSums,
} from '../../src/agent/calls/api-sums.ts';
import { addWithin, takeOutWithin } from '../../src/agent/calls/nested-calls.ts';
import { refreshClock } from '../../src/agent/promises/clock.ts';

/** Makes so many calls at one moment: how many were timed, and for how many these stand. */
function storm(api: ApiSums, calls: number, nowMs: number, isMinor = true): { timed: number; stoodFor: number } {
  let timed = 0;
  let stoodFor = 0;
  for (let i = 0; i < calls; i++) {
    if (isSkipped(api)) continue;
    timed++;
    stoodFor += skipAfter(api, nowMs, isMinor);
  }
  return { timed, stoodFor };
}

describe('timing of calls that come often', () => {
  it('times all of 99 calls', () => {
    assert.deepEqual(storm(newSums('call'), 99, refreshClock()), { timed: 99, stoodFor: 99 });
  });

  it('times about every fifth of further ones, each standing for those let through', () => {
    const { timed, stoodFor } = storm(newSums('call'), 99 + 250, refreshClock(), false);
    assert.ok(Math.abs(timed - (99 + 50)) <= 3 && Math.abs(stoodFor - 349) <= 30, `${timed}, ${stoodFor}`);
  });

  it('times about every 14th of many', () => {
    const { timed, stoodFor } = storm(newSums('call'), 350 + 420, refreshClock(), false);
    assert.ok(Math.abs(timed - (150 + 30)) <= 5 && Math.abs(stoodFor - 770) <= 30, `${timed}, ${stoodFor}`);
  });

  it('times about every 31st of many, where short calls are nobody’s concern', () => {
    const { timed, stoodFor } = storm(newSums('call'), 350 + 31_000, refreshClock());
    assert.ok(Math.abs(timed - (150 + 1000)) <= 10 && Math.abs(stoodFor - 31_350) <= 60, `${timed}, ${stoodFor}`);
  });

  it('times about every 31st of most', () => {
    const { timed, stoodFor } = storm(newSums('call'), 780 + 31_000, refreshClock(), false);
    assert.ok(Math.abs(timed - (181 + 1000)) <= 10 && Math.abs(stoodFor - 31_780) <= 60, `${timed}, ${stoodFor}`);
  });

  it('knows a storm that comes again by its first call', () => {
    const api = newSums('call');
    const nowMs = refreshClock();
    storm(api, 900, nowMs);
    const { timed, stoodFor } = storm(api, 900, nowMs + 110);
    assert.ok(timed <= 45 && Math.abs(stoodFor - 900) <= 60, `${timed}, ${stoodFor}`);
  });

  it('times all again when calls come seldom', () => {
    const api = newSums('call');
    const nowMs = refreshClock();
    storm(api, 900, nowMs);
    storm(api, 20, nowMs + 1000);
    // The first of them may still be let through.
    const { timed, stoodFor } = storm(api, 90, nowMs + 2000);
    assert.ok(timed === stoodFor && timed > 40, `${timed}, ${stoodFor}`);
  });

  it('does not take all for as slow as one that the machine held up', () => {
    takeSums();
    addToApi(newSums('held up'), 60, 14);
    addToApi(newSums('usual'), 0.02, 14);
    const [heldUp, usual] = takeSums();
    assert.ok(heldUp && usual);
    assert.ok(heldUp.ms >= 60 && heldUp.ms < 65, `${heldUp.ms}`);
    assert.ok(Math.abs(usual.ms - 14 * 0.02) < 1e-9, `${usual.ms}`);
  });

  it('takes out what lay within those let through, each as long as usual', () => {
    takeSums();
    const inner = newSums('inner');
    addToApi(inner, 10, 1);
    for (let i = 0; i < 3; i++) addWithin(inner, 0.2, 1);
    takeOutWithin(5);
    const [sums] = takeSums();
    assert.ok(sums !== undefined && Math.abs(sums.ms - (10 - 4 * 3 * 0.2)) < 1e-9, `${sums?.ms}`);
  });

  it('takes back what it has counted', () => {
    const api = newSums('call');
    addToApi(api, 60, 14);
    takeBack(api, 60, 14);
    assert.deepEqual(api.untold, { count: 0, totalMs: 0 });
  });

  it('times the first call after a storm that is over', () => {
    const api = newSums('call');
    storm(api, 5000, refreshClock() - 1000);
    assert.equal(isSkipped(api), false);
  });
});

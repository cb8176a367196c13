/** What listed stalls said before they were put down to something else. */
import assert from 'node:assert/strict';
import { Guesses } from '../../src/agent/stalls/guesses.ts';
import type { Stall } from '../../src/protocol/agent.ts';

const stall = (id: number): Stall => ({
  id,
  startMs: id,
  durationMs: 200,
  open: false,
  kind: 'javascript',
  confidence: 'inferred',
  stack: [{ function: `f${id}`, file: '/app.js', line: id, column: 1 }],
});

describe('guesses about stalls', () => {
  it('give back once what a stall said before, under its own key', () => {
    const guesses = new Guesses();
    guesses.add({ ...stall(1), after: true }, 'step', () => []);
    assert.equal(guesses.take(stall(1), 'other step'), undefined);
    assert.deepEqual(guesses.take(stall(1), 'step'), { stack: stall(1).stack, after: true });
    assert.equal(guesses.take(stall(1), 'step'), undefined);
  });

  it('do not grow with the stalls of a program that runs for weeks', () => {
    const guesses = new Guesses();
    const listed: Stall[] = [];
    for (let id = 1; id <= 100_000; id++) {
      listed.push(stall(id));
      if (listed.length > 200) listed.shift();
      guesses.add(stall(id), 'step', () => listed);
    }
    assert.ok(guesses.size <= 400);
    assert.ok(listed.every((each) => guesses.before(each) !== undefined));
  });
});

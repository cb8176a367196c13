/** Budgets: what they allow at once, on average, and for nothing. */
import assert from 'node:assert/strict';
import { newBudget, newTimeBudget } from '../../src/agent/budget.ts';

/** How often a budget says yes at that moment when each time takes `ms`. */
function takes(budget: ReturnType<typeof newTimeBudget>, nowMs: number, ms: number): number {
  let count = 0;
  for (; count < 1000 && budget.take(nowMs); count++) budget.spent(ms);
  return count;
}

describe('budgets', () => {
  it('of times allow a burst and then so many a second', () => {
    const budget = newBudget(10, 3);
    const answers = [0, 0, 0, 0, 50, 100, 100].map((nowMs) => budget.take(nowMs));
    assert.deepEqual(answers, [true, true, true, false, false, true, false]);
  });

  it('of time allow as much as was not spent', () => {
    const budget = newTimeBudget(0.01, 1);
    assert.equal(takes(budget, 0, 0.25), 4);
    assert.equal(takes(budget, 50, 0.25), 2);
  });

  it('of time count the first few for nothing, however long they take', () => {
    const budget = newTimeBudget(0.01, 1, 5);
    assert.equal(takes(budget, 0, 0.25), 5 + 4);
    assert.equal(takes(budget, 50, 0.25), 2);
  });
});

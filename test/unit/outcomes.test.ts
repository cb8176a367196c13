/** How tasks ended is asked without disturbing whoever debugs the program. */
import assert from 'node:assert/strict';
import { askOutcomes } from '../../src/protocol/outcomes.ts';

describe('the question how tasks ended', () => {
  it('never is where a step of the user ends', async () => {
    const sent: [string, object | undefined][] = [];
    const outcomes = await askOutcomes((method, parameters) => {
      sent.push([method, parameters]);
      return Promise.resolve({});
    });
    assert.deepEqual(outcomes, []);
    assert.deepEqual(
      sent.map(([method, parameters]) => [method, (parameters as { disableBreaks?: boolean }).disableBreaks]),
      [['Runtime.evaluate', true]],
    );
  });
});

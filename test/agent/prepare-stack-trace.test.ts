/** Code that runs while V8 formats the stack of an error, as in the `Error.prepareStackTrace` of source-map packages: V8 gives the agent no stack then. */
import assert from 'node:assert/strict';
import { runWithAgent } from '../support/run-node.ts';

const SOURCE = `
  const { readFileSync } = require('node:fs');
  Error.prepareStackTrace = () => {
    for (let i = 0; i < 2000; i++) readFileSync(__filename);
    const shared = Promise.resolve().then(() => {});
    shared.then(() => {});
    shared.then(() => {});
    return 'formatted';
  };
  setTimeout(() => {
    for (const end = performance.now() + 400; performance.now() < end;) new Error('x').stack;
    console.log(new Error('x').stack);
  }, 300);`;

describe('in the midst of Error.prepareStackTrace', () => {
  it('the agent does without stacks, and a stall is told by its call', async () => {
    const { stdout, events } = await runWithAgent({ source: SOURCE, watch: { durationMs: null } });
    assert.equal(stdout, 'formatted\n');
    assert.deepEqual(
      events.filter(({ event }) => event === 'fault'),
      [],
    );
    const exit = events.find((event) => event.event === 'exit');
    // On a busy machine to start takes longer.
    const stalls = (exit?.snapshot.stalls ?? []).filter(({ kind }) => kind !== 'startup');
    const [worst] = stalls.toSorted((a, b) => b.durationMs - a.durationMs);
    assert.equal(worst?.api, 'fs.readFileSync', JSON.stringify(stalls));
  });
});

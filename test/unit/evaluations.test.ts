import assert from 'node:assert/strict';
import { addEvaluation } from '../../src/model/stalls/evaluations.ts';
import { applyEvent, applySnapshot, newProgram } from '../../src/model/program.ts';
import type { Stall } from '../../src/protocol/agent.ts';
import { hello, snapshot, stall } from '../support/samples.ts';

/** Starts of the stalls that are left when the debugger evaluated something from 1000 to 3000 ms. */
function told(stalls: readonly Stall[]): number[] {
  const program = newProgram();
  applyEvent(program, hello());
  const evaluation = addEvaluation(program.evaluations, 1000);
  for (const one of stalls.slice(0, 1)) applyEvent(program, { event: 'stall', stall: one });
  evaluation.endMs = 3000;
  applySnapshot(program, { ...snapshot([], { atMs: 9000 }), stalls: [...stalls] });
  return program.stalls.map(({ startMs }) => startMs);
}

const at = (startMs: number, durationMs: number, file?: string): Stall =>
  stall({ id: startMs, startMs, durationMs, at: file === undefined ? [] : [`f ${file}:1`] });

describe('an expression that a debugger evaluates', () => {
  it('is no stall, also when it calls something that blocks', () => {
    assert.deepEqual(told([at(990, 2000), at(1200, 600, 'eval-12ab.cdp')]), []);
  });

  it('excuses nothing of what the program itself does meanwhile', () => {
    assert.deepEqual(told([at(1200, 600, '/app/a.js')]), [1200]);
  });

  it('excuses nothing before and after', () => {
    assert.deepEqual(told([at(400, 500), at(2500, 1500)]), [400, 2500]);
  });
});

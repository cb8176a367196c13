/** Whether the machine is to blame for a turn that was found long only when it was over. */
import assert from 'node:assert/strict';
import { addLoad, afterStart, machineLoad, newTurn, type GapLoad, type Turn } from '../../src/agent/stalls/turn.ts';

const GAP: GapLoad = { activeMs: 300, processorMs: 30, takenAway: 12, watcherLateMs: 0 };
const UNSEEN = { stack: [] };

function unseenTurn(load: Partial<GapLoad>): Turn {
  const reading = { turn: 1, idleMs: 0, counted: true, processorMs: 0, othersMs: 0, takenAway: 0, monitored: 0 };
  const turn = newTurn(1000, { ...reading, nowMs: 1260 });
  addLoad(turn, { ...GAP, ...load }, 260);
  return turn;
}

describe('a turn that was over when somebody looked', () => {
  it('was held up by the machine when the system took the processor away meanwhile', () => {
    assert.deepEqual(machineLoad(unseenTurn({}), 260, UNSEEN), { overloaded: true, processorMs: 26 });
  });

  it('was held up by the machine when whoever watches came late, too', () => {
    const { overloaded } = machineLoad(unseenTurn({ takenAway: 0, watcherLateMs: 200 }), 260, UNSEEN);
    assert.equal(overloaded, true);
  });

  it('does not count for the program what its start took of a busy machine', () => {
    assert.equal(afterStart({ ...GAP, processorMs: 200 }).processorMs, 0);
    assert.equal(afterStart({ ...GAP, processorMs: 200, takenAway: 2 }).processorMs, 200);
  });

  it('is the program’s when it had the processor', () => {
    assert.deepEqual(machineLoad(unseenTurn({ processorMs: 290 }), 260, UNSEEN), {});
  });

  it('is the program’s when the system took nothing away and the watcher came in time', () => {
    assert.deepEqual(machineLoad(unseenTurn({ takenAway: 0 }), 260, UNSEEN), {});
  });
});

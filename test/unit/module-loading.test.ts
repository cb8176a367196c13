/** A stall in which a program loaded a tree of modules is put down to the line that asked for them, not to one of the many files that were read meanwhile. */
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import type { Frame } from '../../src/protocol/agent.ts';
import { newSamples } from '../../src/agent/stalls/samples.ts';
import { culprit, newTurn, type Turn } from '../../src/agent/stalls/turn.ts';

const inFile = (file: string, name: string): Frame => ({ file, line: 3, column: 1, function: name });
const LOADER = inFile('node:internal/modules/cjs/loader', 'Module._load');
const ASKED = inFile('/app/handler.js', 'handle');
const LOADED = inFile('/app/node_modules/large/index.js', '');

function turnOf(sampled: Frame[]): Turn {
  const reading = { turn: 7, idleMs: 9000, counted: true, processorMs: 0, othersMs: 0, takenAway: 0, monitored: 0 };
  const turn = { ...newTurn(10_000, { ...reading, nowMs: 10_500 }), startup: false, samples: newSamples() };
  turn.seenMs = 10_500;
  turn.samples.add({
    stack: sampled,
    late: false,
    after: false,
    ms: 480,
    run: { id: '1', kind: 'callbacks', made: 0 },
  });
  turn.calls.set('fs.readFileSync', { api: 'fs.readFileSync', ms: 400, toldMs: 400, stack: [LOADED] });
  return turn;
}

describe('a turn of the loop in which many files were read', () => {
  const { eventLoopUtilization } = performance;
  // As long after its start as the turns above.
  before(() => (performance.eventLoopUtilization = () => ({ idle: 9000, active: 1000, utilization: 0.1 })));
  after(() => (performance.eventLoopUtilization = eventLoopUtilization));

  it('is that of the line that asked for modules', () => {
    const { api, stack } = culprit(turnOf([LOADED, LOADER, ASKED]), false);
    assert.deepEqual([api, stack], ['require', [ASKED]]);
  });

  it('is that of who asked a test runner for modules, unless one of them is of the user', () => {
    const RUNNER = inFile('/app/node_modules/jest-runtime/build/index.js', 'Runtime.requireModule');
    const CIRCUS = inFile('/app/node_modules/jest-circus/build/runner.js', 'jestAdapter');
    const loading = culprit(turnOf([LOADED, RUNNER, CIRCUS]), false);
    assert.deepEqual([loading.api, loading.stack], ['require', [CIRCUS]]);
    assert.notEqual(culprit(turnOf([ASKED, RUNNER, CIRCUS]), false).api, 'require');
  });

  it('is that of nobody when whoever asked has gone on, and never of what is loaded', () => {
    const ASYNC_LOADER = inFile('node:internal/modules/esm/module_job', 'ModuleJob.run');
    const { api, stack } = culprit(turnOf([LOADED, LOADER, ASYNC_LOADER]), false);
    assert.deepEqual([api, stack], ['import', []]);
  });

  it('is that of who reads them otherwise', () => {
    const { api, stack } = culprit(turnOf([ASKED]), false);
    assert.deepEqual([api, stack], ['fs.readFileSync', [LOADED]]);
  });
});

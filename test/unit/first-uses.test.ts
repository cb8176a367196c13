/** What a stall of which no poll saw anything is put down to: a part of Node that was loaded for the program meanwhile, at the line that used it. */
import assert from 'node:assert/strict';
import { Module } from 'node:module';
import { performance } from 'node:perf_hooks';
import { firstUseWithin, noteLoad } from '../../src/agent/stalls/first-uses.ts';
import { newSamples } from '../../src/agent/stalls/samples.ts';
import { culprit, newTurn, type Turn } from '../../src/agent/stalls/turn.ts';

const frame = (name: string) => ({ file: '/app/a.js', line: 3, column: 1, function: name });

function turnOf(startMs: number, endMs: number): Turn {
  const reading = { turn: 7, idleMs: 0, counted: true, processorMs: 0, othersMs: 0, takenAway: 0, monitored: 0 };
  return { ...newTurn(startMs, { ...reading, nowMs: endMs }), startup: false, samples: newSamples() };
}

/** As Node does while a function of the program uses it first. */
function loadFetch(fromMs: number, turn: number): void {
  noteLoad('internal/webstreams/readablestream', fromMs + 2, turn);
  noteLoad('http2', fromMs + 10, turn);
  noteLoad('internal/deps/undici/undici', fromMs + 40, turn);
}

/** Loads a module that does that at its top level. */
function requireOne(work: () => void): void {
  const loaded = Object.assign(new Module('/app/heavy.js'), { work });
  Reflect.get(loaded, '_compile').call(loaded, 'module.work()', '/app/heavy.js');
}

describe('the first use of a part of Node', () => {
  const { eventLoopUtilization } = performance;
  let idle = 9000;
  before(() => (performance.eventLoopUtilization = () => ({ idle, active: 1000, utilization: 0.1 })));
  after(() => (performance.eventLoopUtilization = eventLoopUtilization));

  it('is told with the part that took longest, and the line that used it', () => {
    loadFetch(10_000, 1);
    const { kind, api, detail, confidence, stack } = culprit(turnOf(10_000, 10_060), false);
    assert.deepEqual(
      [kind, api, detail, confidence],
      ['sync-call', 'require', "undici (Node's, on first use)", 'inferred'],
    );
    assert.ok(stack.some((each) => each.function === 'loadFetch'));
  });

  it('explains no stall that took much longer, nor one of another time', () => {
    loadFetch(20_000, 2);
    assert.equal(firstUseWithin(20_000, 20_500), undefined);
    assert.equal(firstUseWithin(20_100, 20_160), undefined);
  });

  it('shows at least who ran, when it took too little to explain the time', () => {
    loadFetch(25_000, 4);
    const { kind, api, confidence } = culprit(turnOf(25_000, 25_200), false);
    assert.deepEqual([kind, api, confidence], ['javascript', undefined, 'inferred']);
  });

  it('counts less than a function of the program that was seen to run', () => {
    loadFetch(30_000, 3);
    const turn = turnOf(30_000, 30_060);
    turn.samples.add({
      stack: [frame('busy')],
      late: false,
      after: false,
      ms: 30,
      run: { id: '1', kind: 'callbacks', made: 0 },
    });
    const { kind, stack } = culprit(turn, false);
    assert.deepEqual([kind, stack], ['javascript', [frame('busy')]]);
  });

  it('is told, too, when it was seen while it lasted', () => {
    loadFetch(35_000, 8);
    const turn = turnOf(35_000, 35_060);
    const realm = { ...frame('compileForPublicLoader'), file: 'node:internal/bootstrap/realm' };
    const stack = [realm, frame('reviews')];
    turn.samples.add({ stack, late: false, after: false, ms: 30, run: { id: '1', kind: 'callbacks', made: 0 } });
    assert.equal(culprit(turn, false).detail, "undici (Node's, on first use)");
  });

  it('by a module that is loaded late is put down to the line that asked for the module', () => {
    requireOne(() => loadFetch(40_000, 5));
    const { kind, api, detail, stack } = culprit(turnOf(40_000, 40_060), false);
    assert.deepEqual([kind, api, detail, stack[0]?.function], ['sync-call', 'require', undefined, 'requireOne']);
  });

  it('by a module that is loaded before the program first waits is start-up', () => {
    idle = 0;
    requireOne(() => loadFetch(50_000, 6));
    assert.equal(culprit(turnOf(50_000, 50_060), false).kind, 'startup');
  });
});

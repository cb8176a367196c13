import assert from 'node:assert/strict';
import type { BlockingBegin, PollAnswer } from '../../src/protocol/agent.ts';
import type { Program } from '../../src/model/program.ts';
import {
  applyEvent,
  applyPoll,
  applySnapshot,
  endProgram,
  MAX_STALLS,
  newProgram,
  openStall,
} from '../../src/model/program.ts';
import { frame, hello, snapshot, stall } from '../support/samples.ts';

const EXEC: BlockingBegin = {
  event: 'blocking-begin',
  api: 'child_process.execSync',
  atMs: 100,
  stack: [frame('f /app/a.ts:1')],
};

const polled = (more: Partial<PollAnswer> = {}): PollAnswer => ({ atMs: 500, activity: 1, pendingTasks: 0, ...more });

function ids(program: Program): number[] {
  return program.stalls.map(({ id }) => id);
}

describe('the state of a program', () => {
  let program: Program;
  beforeEach(() => {
    program = newProgram();
    applyEvent(program, hello());
  });

  it('knows who speaks', () => assert.equal(program.hello?.pid, 42));

  it('keeps the latest snapshot, whatever order they come in', () => {
    applySnapshot(program, snapshot([{ count: 7 }], { atMs: 200 }));
    applySnapshot(program, snapshot([], { atMs: 100 }));
    assert.equal(program.snapshot?.atMs, 200);
    assert.equal(program.pendingTasks, 7);
  });

  describe('stalls', () => {
    it('grow while open, then close, under one id', () => {
      applyPoll(program, polled({ stall: stall({ durationMs: 60, open: true }) }));
      applyPoll(program, polled({ stall: stall({ durationMs: 90, open: true }) }));
      assert.equal(openStall(program)?.durationMs, 90);
      applyEvent(program, { event: 'stall', stall: stall({ durationMs: 512 }) });
      assert.equal(openStall(program), undefined);
      assert.deepEqual(
        program.stalls.map(({ durationMs }) => durationMs),
        [512],
      );
    });

    it('stay closed when an older message comes late', () => {
      applyEvent(program, { event: 'stall', stall: stall({ durationMs: 512 }) });
      applyEvent(program, { event: 'stall', stall: stall({ durationMs: 90, open: true }) });
      assert.deepEqual(
        program.stalls.map(({ durationMs, open }) => [durationMs, open]),
        [[512, false]],
      );
    });

    it('are over when a poll no longer tells of them', () => {
      applyPoll(program, polled({ stall: stall({ open: true }) }));
      applyPoll(program, polled({ pendingTasks: 3 }));
      assert.equal(openStall(program), undefined);
      assert.equal(program.pendingTasks, 3);
    });

    it('are over when the program is', () => {
      applyPoll(program, polled({ stall: stall({ open: true }) }));
      endProgram(program, { code: null, signal: 'SIGKILL' });
      assert.equal(openStall(program), undefined);
    });

    it('are in order of time, from events and snapshots alike', () => {
      applyEvent(program, { event: 'stall', stall: stall({ id: 2, startMs: 50 }) });
      const stalls = [stall({ id: 1, startMs: 10 }), stall({ id: 3, startMs: 90 })];
      applySnapshot(program, snapshot([], { atMs: 100, stalls }));
      assert.deepEqual(ids(program), [1, 2, 3]);
    });

    it('stay in order when one turns out to have begun earlier', () => {
      applyEvent(program, { event: 'stall', stall: stall({ id: 1, startMs: 10 }) });
      applyEvent(program, { event: 'stall', stall: stall({ id: 2, startMs: 90 }) });
      applyEvent(program, { event: 'stall', stall: stall({ id: 2, startMs: 5 }) });
      assert.deepEqual(ids(program), [2, 1]);
    });

    it('are those of the latest snapshot, and what came after it', () => {
      for (const [id, startMs] of [1, 2, 3].map((each) => [each, each * 1000] as const)) {
        applyEvent(program, { event: 'stall', stall: stall({ id, startMs }) });
      }
      applySnapshot(program, snapshot([], { atMs: 3100, stalls: [stall({ id: 1, startMs: 1000 })] }));
      assert.deepEqual(ids(program), [1, 3]);
    });

    it('lose the shortest when there are too many', () => {
      for (let id = 1; id <= MAX_STALLS + 1; id += 1) {
        applyEvent(program, { event: 'stall', stall: stall({ id, startMs: id, durationMs: id === 5 ? 1 : 100 }) });
      }
      assert.equal(program.stalls.length, MAX_STALLS);
      assert.ok(!ids(program).includes(5));
    });

    it('do not change the objects they came from', () => {
      const given = stall({ open: true });
      applyPoll(program, polled({ stall: given }));
      applyPoll(program, polled());
      assert.equal(given.open, true);
    });
  });

  describe('a blocking call', () => {
    beforeEach(() => applyEvent(program, EXEC));

    it('is known while it lasts', () => assert.equal(program.blocking?.api, 'child_process.execSync'));

    it('is over when the program answers a poll', () => {
      applyPoll(program, polled());
      assert.equal(program.blocking, undefined);
    });

    it('is not over when the answer came from the moment before it blocks', () => {
      applyPoll(program, polled({ calling: true }));
      assert.notEqual(program.blocking, undefined);
    });

    it('is not over because of an answer of before, however late that comes', () => {
      applyPoll(program, polled({ atMs: 99 }));
      assert.notEqual(program.blocking, undefined);
    });

    it('is over when the stall it made is', () => {
      applyEvent(program, { event: 'stall', stall: stall({ startMs: 90, durationMs: 50 }) });
      assert.equal(program.blocking, undefined);
    });

    it('is not over because of an earlier stall or snapshot', () => {
      applyEvent(program, { event: 'stall', stall: stall({ startMs: 10, durationMs: 50 }) });
      applySnapshot(program, snapshot([], { atMs: 99 }));
      assert.notEqual(program.blocking, undefined);
    });

    it('is still known when the program was killed in it', () => {
      endProgram(program, { code: null, signal: 'SIGKILL' });
      assert.notEqual(program.blocking, undefined);
    });
  });

  it('ends with the state at exit', () => {
    applyEvent(program, { event: 'exit', exitCode: 3, drained: true, snapshot: snapshot([], { atMs: 10 }) });
    assert.deepEqual(program.exit, { code: 3, signal: null });
    assert.deepEqual(program.atExit, { exitCode: 3, drained: true });
    assert.equal(program.snapshot?.atMs, 10);
  });

  it('does not believe an exit code that the listeners of the program may still change', () => {
    applyEvent(program, { event: 'exit', exitCode: 0, mayChange: true, snapshot: snapshot([]) });
    assert.deepEqual(program.exit, { code: null, signal: null });
  });

  it('believes the operating system about the exit code', () => {
    applyEvent(program, { event: 'exit', exitCode: 0, snapshot: snapshot([]) });
    endProgram(program, { code: 9, signal: null });
    assert.deepEqual(program.exit, { code: 9, signal: null });
  });

  it('collects faults, each once', () => {
    applyEvent(program, { event: 'fault', message: 'a', fatal: false });
    applySnapshot(program, snapshot([], { faults: ['a', 'b'] }));
    assert.deepEqual(program.faults, ['a', 'b']);
  });
});

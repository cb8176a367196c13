import assert from 'node:assert/strict';
import { runRules } from '../../src/model/findings.ts';
import { applySnapshot, newProgram } from '../../src/model/program.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { findingsAtExit, findingsOf, tells } from '../support/findings.ts';
import { frame, snapshot, sources } from '../support/samples.ts';

describe('dead-await', () => {
  const lines = ['load /app/a.ts:3', 'get /app/node_modules/got/index.js:9', 'main /app/a.ts:8'].map(frame);
  const dead = { frames: [0, 1, 2], count: 2 };

  it('is told at the innermost line of the program, with those who wait', () => {
    tells(
      findingsOf(snapshot([], { frames: lines, deadAwaits: [dead] })),
      `
      error dead-await proved /app/a.ts:3
        The await in load can never go on: its promise was garbage collected while pending, so nothing was left that could settle it (2 times). Make sure that every path, errors too, resolves or rejects the promise, or limit the wait.
        - main waits here for it for ever /app/a.ts:8
      `,
    );
  });

  it('is an information when the caller has gone on', () => {
    const [finding] = findingsOf(snapshot([], { frames: lines, deadAwaits: [{ ...dead, abandoned: true }] }));
    assert.equal(finding?.severity, 'info');
    assert.equal(finding.related[0]?.message, 'main awaited it here');
  });

  it('is the affair of a package as long as no code of the program waits', () => {
    assert.deepEqual(findingsOf(snapshot([], { frames: lines, deadAwaits: [{ frames: [1], count: 1 }] })), []);
  });

  it('looks at how the line is written', () => {
    const severity = (line: string): string | undefined => {
      const program = newProgram();
      applySnapshot(program, snapshot([], { frames: lines, deadAwaits: [dead] }));
      return runRules(program, DEFAULT_SETTINGS, { ...sources, textOf: () => `\n\n${line}\n` })[0]?.severity;
    };
    assert.equal(severity('  await new Promise<void>(() => {});'), undefined);
    assert.equal(severity('  await new Promise((resolve) => {});'), undefined);
    assert.equal(severity('  await new Promise((resolve) => bus.once("x", resolve));'), 'error');
    assert.equal(severity('  for await (const event of on(bus, "x")) {'), 'info');
  });

  it('leaves lines behind it to nobody else when the program ends', () => {
    const state = snapshot([{ at: ['main /app/a.ts:8'] }], { frames: lines, deadAwaits: [dead] });
    assert.deepEqual(
      findingsAtExit(0, true, state).map(({ rule }) => rule),
      ['dead-await'],
    );
  });

  it('is part of the finding about the top-level await that ended the program', () => {
    const frames = ['load /app/a.mjs:3', ' /app/a.mjs:8'].map(frame);
    tells(
      findingsAtExit(13, true, snapshot([], { frames, deadAwaits: [{ frames: [0, 1], count: 1 }] })),
      `
      error unsettled-top-level-await proved /app/a.mjs:8
        Node ended with exit code 13: the top-level await at a.mjs:8 never settled and nothing was left that could settle it. Make sure that what it awaits always resolves or rejects.
        - load waits here for a promise that was garbage collected /app/a.mjs:3
      `,
    );
  });
});

describe('race-retention', () => {
  const growth = { kind: 'reaction' as const, frames: [0], live: 1000, turns: 10 };
  const told = (rest: Partial<typeof growth>, pendingTasks = 0): string[] => {
    const state = snapshot([], { frames: [frame('next /app/queue.ts:4')], growth: [{ ...growth, ...rest }] });
    state.counts.pendingTasks = pendingTasks;
    return findingsOf(state).map(({ rule }) => rule);
  };

  it('needs a thousand reactions, of several turns, more than there are tasks', () => {
    assert.deepEqual(told({}), ['race-retention']);
    assert.deepEqual(told({ live: 999 }), []);
    assert.deepEqual(told({ turns: 9 }), []);
    assert.deepEqual(told({}, 1000), []);
  });
});

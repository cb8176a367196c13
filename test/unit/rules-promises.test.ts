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

  it('is one finding for a line, with all who wait for the call', () => {
    const frames = [...lines, ...['page /app/b.ts:4', 'site /app/b.ts:7'].map(frame)];
    const deadAwaits = [dead, { frames: [0, 3], count: 1, behind: [[3, 4], [4]] }];
    tells(
      findingsOf(snapshot([], { frames, deadAwaits })),
      `
      error dead-await proved /app/a.ts:3
        The await in load can never go on: its promise was garbage collected while pending, so nothing was left that could settle it (3 times). Make sure that every path, errors too, resolves or rejects the promise, or limit the wait.
        - main waits here for it for ever /app/a.ts:8
        - page waits here for it for ever /app/b.ts:4
        - site waits here for it for ever /app/b.ts:7
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

describe('unhandled-rejection', () => {
  const rejection = { error: 'Error', message: 'no route', stack: [frame('connect /app/net.ts:3')], atMs: 5 };
  const grow = {
    stack: [frame('Pool.grow /app/pool.ts:9'), { ...frame('start /app/main.ts:2'), isAsync: true as const }],
  };

  it('goes on with those who begin the outermost call', () => {
    tells(
      findingsOf(snapshot([], { rejections: [{ ...rejection, origins: [grow] }] })),
      `
      error unhandled-rejection proved /app/net.ts:3
        Nobody handled the rejection: Error: no route. Await what connect returns and catch the error, or add a catch to it.
        - Pool.grow calls it here /app/pool.ts:9
        - start awaits it here /app/main.ts:2
      `,
    );
  });

  it('advises to await no function that is not asynchronous, such as a listener', () => {
    const text = 'server.on("listening", run);\nasync function connect() { fail(); }\nfunction run() { connect(); }\n';
    const at = (name: string, line: number, column: number) => ({ ...frame(`${name} /app/net.js:${line}`), column });
    const stack = [at('connect', 2, 28), at('Server.run', 3, 18)];
    const program = newProgram();
    applySnapshot(program, snapshot([], { rejections: [{ ...rejection, message: 'no route.', stack }] }));
    const [finding] = runRules(program, DEFAULT_SETTINGS, { ...sources, textOf: () => text });
    assert.equal(
      finding?.message,
      'Nobody handled the rejection: Error: no route. Await what connect returns and catch the error, or add a catch to it.',
    );
  });

  it('says that each of several may have been it', () => {
    const other = { stack: [frame('retry /app/net.ts:20')] };
    const [finding] = findingsOf(snapshot([], { rejections: [{ ...rejection, origins: [grow, other] }] }));
    assert.deepEqual(
      finding?.related.map(({ message }) => message),
      ['Pool.grow may have called it here', 'retry may have called it here'],
    );
  });

  it('is a warning at the line that handled it too late', () => {
    const late = { message: '', stack: [frame('offer /app/shop.ts:8')], atMs: 5, handledLate: 2 };
    tells(
      findingsOf(snapshot([], { rejections: [late] })),
      `
      warning unhandled-rejection proved /app/shop.ts:8
        A rejection was handled here too late: Node had already told of it as unhandled (2 times), which by default ends the program. Await the promise, or add a catch to it, before anything else is awaited; Promise.all does that for several.
      `,
    );
  });
});

/** What is read from a profile of V8's: self time, lines, collections, and only of the span asked for. */
import assert from 'node:assert/strict';
import type { Profiler } from 'node:inspector';
import { readProfile, withLines } from '../../src/agent/stalls/profile-reading.ts';
import type { Frame } from '../../src/protocol/agent.ts';

const OWN = '/tool/agent.cjs';

interface Shape {
  name: string;
  url?: string;
  line?: number;
  /** Line to ticks. */
  ticks?: Record<number, number>;
  children?: number[];
}

function node(id: number, { name, url = '', line = 1, ticks = {}, children = [] }: Shape): Profiler.ProfileNode {
  return {
    id,
    callFrame: { functionName: name, scriptId: '1', url, lineNumber: line - 1, columnNumber: 4 },
    children,
    positionTicks: Object.entries(ticks).map(([at, count]) => ({ line: Number(at), ticks: count })),
  };
}

const NODES = [
  node(1, { name: '(root)', children: [2, 3, 4] }),
  node(2, { name: '(garbage collector)' }),
  node(3, { name: '(idle)' }),
  node(4, { name: 'handle', url: 'file:///app/my%20server.mjs', line: 10, children: [5, 7] }),
  node(5, { name: 'digest', url: '/app/node_modules/lib/index.js', line: 2, ticks: { 7: 9, 3: 1 }, children: [6] }),
  node(6, { name: 'poll', url: `file://${OWN}` }),
  node(7, { name: 'tidy', url: '/app/tidy.cjs', line: 1, ticks: { 1: 5 } }),
];

/** One sample each 10 ms. */
function profile(samples: number[]): Profiler.Profile {
  const timeDeltas = samples.map((_, index) => (index === 0 ? 0 : 10_000));
  return { nodes: NODES, startTime: 1_000_000, endTime: 1_000_000 + samples.length * 10_000, samples, timeDeltas };
}

const show = ({ file, line, function: name }: Frame): string => `${name} ${file}:${line}`;

describe('a profile', () => {
  it('says where the time went, at the line where most of it was spent', () => {
    const stall = readProfile(profile([5, 5, 5, 7, 6]), OWN)(1_000_000, 1_050_000);
    assert.deepEqual(stall.stack.map(show), [
      'digest /app/node_modules/lib/index.js:7',
      'handle /app/my server.mjs:10',
    ]);
    assert.deepEqual(
      stall.functions.map(({ frame, ms }) => `${show(frame)} ${ms}`),
      ['digest /app/node_modules/lib/index.js:7 40', 'tidy /app/tidy.cjs:1 10'],
    );
    assert.equal(stall.sampledMs, 50);
  });

  it('knows its own file, and names others, by the paths of Windows', () => {
    const of = (program: string, own: string): Profiler.Profile => ({
      nodes: [
        node(1, { name: '(root)', children: [2] }),
        node(2, { name: 'handle', url: program, line: 3, children: [3] }),
        node(3, { name: 'poll', url: own }),
      ],
      startTime: 0,
      endTime: 20_000,
      samples: [3, 3],
      timeDeltas: [0, 10_000],
    });
    const drive = of('file:///c:/my%20app/a.mjs', 'file:///C:/tool/agent.cjs');
    assert.deepEqual(readProfile(drive, 'C:\\tool\\agent.cjs')(0, 20_000).stack.map(show), [
      'handle c:\\my app\\a.mjs:3',
    ]);
    const share = of('file://server/app/a.mjs', 'file://server/tool/agent.cjs');
    assert.deepEqual(readProfile(share, '\\\\server\\tool\\agent.cjs')(0, 20_000).stack.map(show), [
      'handle \\\\server\\app\\a.mjs:3',
    ]);
  });

  it('counts collections for what ran before them', () => {
    const stall = readProfile(profile([7, 2, 2, 4]), OWN)(1_000_000, 1_040_000);
    assert.equal(stall.garbageMs, 20);
    assert.deepEqual(stall.stack.map(show)[0], 'tidy /app/tidy.cjs:1');
  });

  it('tells only of the span, and not of idle time', () => {
    const stall = readProfile(profile([5, 5, 3, 7, 5]), OWN)(1_015_000, 1_040_000);
    assert.deepEqual(
      stall.functions.map(({ frame, ms }) => `${frame.function} ${ms}`),
      ['tidy 10', 'digest 5'],
    );
  });

  it('knows nothing of native code without any JavaScript', () => {
    const { stack, functions } = readProfile(profile([1, 1]), OWN)(1_000_000, 1_020_000);
    assert.deepEqual([stack, functions], [[], []]);
  });
});

describe('lines of callers', () => {
  const frame = (name: string, line: number, file = '/app/a.cjs'): Frame => ({ function: name, line, column: 1, file });

  it('come from a stack of the same calls', () => {
    const profiled = [frame('search', 9), frame('find', 20), frame('main', 40)];
    const taken = [frame('helper', 3), frame('search', 10), frame('Store.find', 23), frame('other', 50)];
    assert.deepEqual(withLines(profiled, taken).map(show), [
      'search /app/a.cjs:9',
      'Store.find /app/a.cjs:23',
      'main /app/a.cjs:40',
    ]);
  });

  it('are those of the functions when the stack is of something else', () => {
    const profiled = [frame('search', 9), frame('find', 20)];
    assert.deepEqual(withLines(profiled, [frame('find', 23)]), profiled);
  });
});

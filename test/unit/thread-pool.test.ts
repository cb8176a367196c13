import assert from 'node:assert/strict';
import { newSaturation } from '../../src/agent/pool/pool-saturation.ts';
import { shareOut } from '../../src/agent/pool/pool-shares.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import { treeText } from '../../src/model/tree/tree-text.ts';
import { applyEvent, applySnapshot, newProgram } from '../../src/model/program.ts';
import { buildReport } from '../../src/model/report/report.ts';
import type { Frame, Snapshot, WaitFacts } from '../../src/protocol/agent.ts';
import type { PoolWork, ThreadPool } from '../../src/protocol/thread-pool.ts';
import { findingsOf, tells } from '../support/findings.ts';
import { frame, hello, snapshot, sources, trimmed } from '../support/samples.ts';

interface Item {
  name: string;
  slow: boolean;
  sinceMs: number;
}

/** `a b@ c`: three pieces of work in this order, `@` for look-ups. */
const items = (names: string, sinceMs = 0): Item[] =>
  names.split(' ').map((name) => ({ name, slow: name.endsWith('@'), sinceMs }));
const names = (list: readonly Item[]): string => list.map(({ name }) => name).join(' ');

describe('the threads of the pool', () => {
  function shared(work: string, size: number): string {
    const { running, queued } = shareOut(items(work), size);
    return `${names(running)} | ${names(queued)}`;
  }

  it('go to the oldest work', () => {
    assert.equal(shared('a b c d e f', 4), 'a b c d | e f');
    assert.equal(shared('a b', 4), 'a b | ');
    assert.equal(shared('a b', 1), 'a | b');
  });

  it('go to look-ups only by half, so that later work overtakes them', () => {
    assert.equal(shared('a@ b@ c@ d e f', 4), 'a@ b@ d e | c@ f');
    assert.equal(shared('a@ b@ c@', 4), 'a@ b@ | c@');
    assert.equal(shared('a@ b@ c@ d@', 5), 'a@ b@ c@ | d@');
  });
});

describe('waits for a thread', () => {
  /** Looks every 30 ms in turns of their own unless told otherwise; answers what the last one found. */
  function after(looks: readonly { work?: Item[] | undefined; turns?: number; gapMs?: number }[]): string {
    const look = newSaturation<Item>();
    let nowMs = 1000;
    let turn = 10;
    let told = '';
    for (const { turns = 5, gapMs = 30, ...given } of looks) {
      const work = 'work' in given ? given.work : [];
      const { count, totalMs, worst } = look({ nowMs: (nowMs += gapMs), turn: (turn += turns), size: 2, items: work });
      if (worst !== undefined) told = `${names(worst.running)} | ${names(worst.queued)} for ${worst.waitMs} ms`;
      if (count > 0) told = told.replace(/(;.*)?$/, `; ${count} times, ${totalMs} ms`);
    }
    return told;
  }
  const busy = { work: items('a b c', 1025) };

  it('are told from 50 ms on, of the moment before the look', () => {
    assert.equal(after([busy, busy, busy]), '');
    assert.equal(after([busy, busy, busy, busy]), 'a b | c for 60 ms; 1 times, 60 ms');
  });

  it('are counted until nothing waits any more', () => {
    assert.equal(after([busy, busy, busy, busy, busy, {}]), 'a b | c for 90 ms; 1 times, 90 ms');
    const again = { work: items('d e f', 1210) };
    const twice = [busy, busy, busy, busy, {}, {}, again, again, again, again, {}];
    assert.equal(after(twice), 'a b | c for 60 ms; 2 times, 120 ms');
  });

  it('are none while the work goes on and off quickly', () => {
    const burst = (sinceMs: number) => ({ work: items('a b c d e f', sinceMs) });
    assert.equal(after([burst(1025), burst(1055), burst(1085), burst(1115), burst(1145), burst(1175)]), '');
  });

  it('are none while every piece of work has a thread', () => {
    assert.equal(after(Array.from({ length: 20 }, () => ({ work: items('a b', 1000) }))), '');
  });

  it('are not told of a blocked loop, which has not taken in yet what is done', () => {
    const blocked = { ...busy, turns: 0 };
    assert.equal(after([busy, blocked, blocked, blocked, blocked, blocked, {}]), '');
  });

  it('are told also when there is seldom time to look', () => {
    const skipped = { work: undefined, gapMs: 400 };
    assert.equal(after([busy, skipped, skipped, busy, skipped, skipped, busy]), 'a b | c for 830 ms; 1 times, 830 ms');
  });

  it('do not count the time in which the process was asleep', () => {
    assert.equal(after([busy, { ...busy, gapMs: 60_000 }, busy]), '');
  });
});

const READ: WaitFacts = { kind: 'fs', operation: 'readFile', path: '/data/a' };
const HASH: WaitFacts = { kind: 'thread-pool', api: 'crypto.pbkdf2' };
const LOOKUP: WaitFacts = { kind: 'dns', host: 'db' };

const work = (facts: WaitFacts, ageMs: number, rest: Partial<PoolWork> = {}): PoolWork => ({
  facts,
  count: 1,
  ageMs,
  frames: [],
  ...rest,
});

/** Four hashes at login.ts:7, a read that waits; tasks 1 (`login`, which awaits 2, `hash`) and 3 (`load`). */
function busyPool(rest: Partial<ThreadPool> = {}): Snapshot {
  const frames = ['hash /app/login.ts:7', 'load /app/shop.ts:3'].map(frame);
  const running = [work(HASH, 900, { count: 4, frames: [0], tasks: [2] })];
  const queued = [work(READ, 800, { frames: [1], tasks: [3] })];
  return snapshot(
    [
      { id: 1, at: ['login /app/login.ts:12'], children: [{ id: 2, at: ['hash /app/login.ts:7'], wait: HASH }] },
      { id: 3, at: ['load /app/shop.ts:3'], wait: READ },
    ],
    { frames, threadPool: { size: 4, busy: 4, waiting: 1, running, queued, ...rest } },
  );
}

describe('the thread pool in the tree', () => {
  function section(state: Snapshot): string {
    const program = newProgram();
    applyEvent(program, hello());
    applySnapshot(program, state);
    const rows = buildTree(program, [], sources)[0]?.children ?? [];
    return treeText(rows.filter(({ label }) => label === 'Thread pool'));
  }

  it('tells who has threads and who waits for one, with their tasks', () => {
    assert.equal(
      section(busyPool()),
      trimmed(`
        Thread pool  4 of 4 busy · 1 queued
        ├─ crypto.pbkdf2 ×4  running · login → hash · login.ts:7 · 900 ms
        └─ fs.readFile /data/a  queued · load · shop.ts:3 · 800 ms
      `),
    );
  });

  it('does not tell whether work is done while the loop, which hears of it, does not turn', () => {
    const stall = { id: 1, startMs: 0, durationMs: 900, open: true, kind: 'microtasks', stack: [] as Frame[] } as const;
    assert.equal(
      section({ ...busyPool({ waiting: 0, queued: [] }), stalls: [{ ...stall, confidence: 'sampled' }] }),
      trimmed(`
        Thread pool  up to 4 of 4 busy
        └─ crypto.pbkdf2 ×4  running or done · login → hash · login.ts:7 · 900 ms
      `),
    );
  });

  it('is left out while nothing stays in it', () => {
    assert.equal(section(busyPool({ running: [work(HASH, 20)], queued: [work(READ, 10)] })), '');
    assert.equal(section(snapshot([])), '');
  });

  it('is in the report', () => {
    const program = newProgram();
    applySnapshot(program, busyPool());
    const { threadPool } = buildReport(program, [], sources, { toolVersion: '1' });
    assert.deepEqual(
      threadPool?.running.map(({ kind, detail, count, tasks, location }) => [
        kind,
        detail,
        count,
        tasks,
        location?.line,
      ]),
      [['thread-pool', 'crypto.pbkdf2', 4, ['t2'], 7]],
    );
    assert.equal(buildReport(newProgram(), [], sources, { toolVersion: '1' }).threadPool, undefined);
  });
});

describe('threadpool-saturated', () => {
  const worst = (running: PoolWork[], queued: PoolWork[], busy = 4, waiting = 1) => ({
    startMs: 100,
    waitMs: 812,
    busy,
    waiting,
    running,
    queued,
  });

  it('names who had the threads and who waited, at the line of the first', () => {
    const { threadPool } = busyPool();
    assert.ok(threadPool);
    const saturation = { count: 1, totalMs: 812, worst: worst(threadPool.running, threadPool.queued) };
    tells(
      findingsOf(busyPool({ saturation })),
      `
      warning threadpool-saturated likely /app/login.ts:7
        All 4 threads of the thread pool were busy with crypto.pbkdf2 ×4 while 1 request waited for a thread for up to 812 ms. Do less of it at once, or give the pool more threads (UV_THREADPOOL_SIZE).
        - crypto.pbkdf2 ×4 have threads, for 900 ms /app/login.ts:7
        - fs.readFile /data/a waits for a thread, for 800 ms /app/shop.ts:3
      `,
    );
  });

  it('says that look-ups may use only half of the threads', () => {
    const held = worst([work(LOOKUP, 900, { count: 2 })], [work(LOOKUP, 800, { count: 6 })], 2, 6);
    tells(
      findingsOf(busyPool({ saturation: { count: 3, totalMs: 2000, worst: held } })),
      `
      warning threadpool-saturated likely
        Look-ups of host names may use only 2 of the 4 threads of the thread pool, and 6 requests waited for a thread for up to 812 ms (3 times, 2.0 s in all). Keep their results, use dns.resolve, which needs no thread, or give the pool more threads (UV_THREADPOOL_SIZE).
        - dns db ×2 have threads, for 900 ms
        - dns db ×6 wait for threads, for 800 ms
      `,
    );
  });

  it('is silent when nothing had to wait', () => {
    assert.deepEqual(findingsOf(busyPool()), []);
  });
});

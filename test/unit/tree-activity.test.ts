import assert from 'node:assert/strict';
import { runRules } from '../../src/model/findings.ts';
import { applyEvent, applySnapshot, newProgram } from '../../src/model/program.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import type { Stall } from '../../src/protocol/agent.ts';
import type { TreeItem } from '../../src/protocol/dap.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { hello, snapshot, sources, stall } from '../support/samples.ts';

const slow = stall({ kind: 'sync-call', api: 'fs.readFileSync', detail: 'a.json', overloaded: true });

/** The rows of that section, as a narrow side bar shows them. */
function rows(section: string, stalls = [slow]): string[] {
  const program = newProgram();
  applyEvent(program, hello());
  applySnapshot(program, snapshot([], { stalls }));
  const [root] = buildTree(program, runRules(program, DEFAULT_SETTINGS, sources), sources);
  const found = root?.children.find(({ label }) => label === section)?.children ?? [];
  return found.map(
    ({ title, label, summary, description }: TreeItem) => `${title ?? label} | ${summary ?? description}`,
  );
}

describe('where a view cuts rows off', () => {
  it('a finding says what it is and where, and leaves the advice to the tooltip', () => {
    assert.deepEqual(rows('Findings'), [
      'fs.readFileSync a.json in render held the event loop for 512 ms while the machine was busy with other work | page.ts:8 · event-loop-stall',
    ]);
  });

  it('a stall says its place right after its length', () => {
    assert.deepEqual(rows('Stalls'), [
      'fs.readFileSync a.json | 512 ms · page.ts:8 · in render · the machine was busy · at 3.0 s',
    ]);
  });

  it("start-up is called so whatever call was seen in it, and functions of the language are nobody's package", () => {
    const at = ['has <anonymous>:1', 'load /app/node_modules/redis/index.js:9'];
    assert.deepEqual(rows('Stalls', [stall({ kind: 'startup', api: 'fs.readFileSync', at })]), [
      'start-up in fs.readFileSync | 512 ms · index.js:9 · in load of redis · at 3.0 s',
    ]);
  });

  it('an element of a combinator says first what it waits for', () => {
    const program = newProgram();
    applyEvent(program, hello());
    const wait = { kind: 'timer', api: 'setTimeout', delayMs: 30_000, leftMs: 4000 } as const;
    applySnapshot(program, snapshot([{ index: 1, at: ['slow /app/main.ts:9'], wait }]));
    const task = buildTree(program, [], sources)[0]?.children[0]?.children[0];
    assert.equal(task?.summary, 'setTimeout 30 s, 4 s left · main.ts:9 · 4 s · element 1');
  });
});

describe('stalls of start-up', () => {
  const early = (id: number, durationMs: number): Stall =>
    stall({ id, kind: 'startup', durationMs, at: [`load /app/file${id}.js:1`] });

  it('are one row, the last, when there are several', () => {
    const stalls = [early(2, 100), slow, early(3, 60)];
    assert.deepEqual(rows('Stalls', stalls).slice(1), ['start-up ×2 | 160 ms in all']);
  });

  it('of which one goes on are told by themselves', () => {
    const stalls = [early(1, 100), { ...early(2, 60), open: true }];
    assert.deepEqual(
      rows('Stalls', stalls).map((row) => row.replace(/ · .*/, '')),
      ['start-up | 60 ms so far', 'start-up | 100 ms'],
    );
  });
});

describe('the row of the tasks', () => {
  it('explains what is left out', () => {
    const program = newProgram();
    applyEvent(program, hello());
    const { counts, ...rest } = snapshot([]);
    applySnapshot(program, { ...rest, counts: { ...counts, droppedEvents: 3 } });
    const [tasks] = buildTree(program, [], sources)[0]?.children ?? [];
    assert.match(tasks?.description ?? '', /3 left out/);
    assert.match(tasks?.tooltip ?? '', /^Left out are awaits/);
  });
});

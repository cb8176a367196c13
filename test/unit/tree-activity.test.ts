import assert from 'node:assert/strict';
import { runRules } from '../../src/model/findings.ts';
import { applyEvent, applySnapshot, newProgram } from '../../src/model/program.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
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
  return found.map(({ title, label, summary }: TreeItem) => `${title ?? label} | ${summary}`);
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
});

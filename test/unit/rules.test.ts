/** What every rule needs besides its code, and what happens to findings whatever rule they come from. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { runRules } from '../../src/model/findings.ts';
import { applyEvent, applySnapshot, newProgram } from '../../src/model/program.ts';
import { buildTree } from '../../src/model/tree/tree.ts';
import { RULE_IDS } from '../../src/protocol/report.ts';
import { DEFAULT_SETTINGS, type LensSettings } from '../../src/protocol/settings.ts';
import { hello, snapshot, sources } from '../support/samples.ts';

/** Two deadlocks at one line, told by equal findings. */
const twice = [5, 9].map((id) => ({ id, at: ['again /app/a.ts:1'], cycle: id }));

function findings(rules: LensSettings['rules'], textOf?: () => string) {
  const program = newProgram();
  applyEvent(program, hello());
  applySnapshot(program, snapshot(twice));
  return runRules(program, { ...DEFAULT_SETTINGS, rules }, textOf === undefined ? sources : { ...sources, textOf });
}

describe('every rule', () => {
  const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    contributes: { configuration: { properties: Record<string, { properties?: object }> }[] };
  };
  const settings = Object.assign({}, ...contributes.configuration.map(({ properties }) => properties)) as Record<
    string,
    { properties?: object }
  >;

  it('has its entry in the setting', () => {
    assert.deepEqual(Object.keys(settings['asyncLens.rules']?.properties ?? {}).toSorted(), RULE_IDS.toSorted());
  });

  for (const rule of RULE_IDS) {
    it(`${rule} has its page`, () => {
      const page = readFileSync(`docs/rules/${rule}.md`, 'utf8');
      for (const part of [`# ${rule}\n`, '## Example', '## What to do', '## When to ignore it']) {
        assert.ok(page.includes(part), part);
      }
    });
  }
});

describe('findings', () => {
  it('that are equal are one with a count', () => {
    assert.deepEqual(
      findings({}).map(({ rule, count }) => [rule, count]),
      [['await-cycle', 2]],
    );
  });

  it('have the severity of the setting', () => {
    assert.deepEqual(
      findings({ 'await-cycle': 'info' }).map(({ severity }) => severity),
      ['info'],
    );
    assert.deepEqual(findings({ 'await-cycle': 'off' }), []);
  });

  it('are silenced by a comment in the source', () => {
    assert.deepEqual(
      findings({}, () => 'await again(); // async-lens-ignore-line await-cycle'),
      [],
    );
    assert.equal(findings({}, () => 'await again(); // async-lens-ignore-line lock-cycle').length, 1);
  });

  it('go away when the state they tell of does', () => {
    const program = newProgram();
    applySnapshot(program, snapshot(twice));
    assert.equal(runRules(program, DEFAULT_SETTINGS, sources).length, 1);
    applySnapshot(program, snapshot([], { atMs: 20_000 }));
    assert.deepEqual(runRules(program, DEFAULT_SETTINGS, sources), []);
  });

  it('are the first section of the tree, with evidence below', () => {
    const [root] = buildTree(newProgram(), findings({}), sources);
    const [section] = root?.children ?? [];
    assert.equal(section?.label, 'Findings');
    assert.equal(section.description, '1 error');
    const [row] = section.children;
    assert.match(row?.label ?? '', /^Deadlock: again waits for itself.*\(×2\)$/);
    assert.equal(row?.tooltip, 'error, proved: it is so\n1. again waits here for itself  a.ts:1');
    assert.deepEqual(
      row.children.map(({ label, location }) => [label, location?.line]),
      [['again waits here for itself', 1]],
    );
  });
});

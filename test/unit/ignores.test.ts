/** The comments that silence rules. */
import assert from 'node:assert/strict';
import { isSilenced } from '../../src/model/source/ignores.ts';
import type { Sources } from '../../src/model/sources.ts';
import type { RuleId } from '../../src/protocol/report.ts';

/** The lines, from 1, at which the rule is silenced. */
function silencedLines(text: string, rule: RuleId = 'await-cycle'): number[] {
  const sources: Sources = { locate: () => undefined, isUser: () => true, textOf: () => text };
  const lines = text.split('\n').map((_, index) => index + 1);
  return lines.filter((line) => isSilenced(rule, { file: '/app/a.ts', line, column: 1 }, sources));
}

describe('a comment silences', () => {
  it('a rule in the next line', () => {
    assert.deepEqual(silencedLines('a();\n// async-lens-ignore-next-line await-cycle\nb();\nc();'), [3]);
  });

  it('the next line with code, past other comments', () => {
    const text = '// async-lens-ignore-next-line await-cycle\n\n// @ts-expect-error\n/* it is odd */\nb();\nc();';
    assert.deepEqual(silencedLines(text), [5]);
  });

  it('a rule in its own line, together with one above', () => {
    const text = '// async-lens-ignore-next-line\nawait x; // async-lens-ignore-line long-wait\nawait y;';
    assert.deepEqual(silencedLines(text, 'long-wait'), [2]);
    assert.deepEqual(silencedLines(text, 'await-cycle'), [2]);
  });

  it('a rule in its file', () => {
    assert.deepEqual(silencedLines('a();\n// async-lens-ignore-file await-cycle\nb();'), [1, 2, 3]);
  });

  it('every rule when it names none', () => {
    assert.deepEqual(silencedLines('b(); // async-lens-ignore-line -- it is a test'), [1]);
  });

  it('several rules, and only those', () => {
    const text = '/* async-lens-ignore-next-line long-wait, await-cycle -- known */\r\nb();';
    assert.deepEqual(silencedLines(text), [2]);
    assert.deepEqual(silencedLines(text, 'long-wait'), [2]);
    assert.deepEqual(silencedLines(text, 'lock-cycle'), []);
  });

  it('in JSX', () => {
    assert.deepEqual(silencedLines('{/* async-lens-ignore-next-line await-cycle */}\n<Await on={x} />'), [2]);
  });

  it('nothing by names that are no rules', () => {
    assert.deepEqual(silencedLines('b(); // async-lens-ignore-line because I say so'), []);
  });

  it('nothing where the source is not there', () => {
    const sources: Sources = { locate: () => undefined, isUser: () => true };
    assert.equal(isSilenced('await-cycle', { file: '/app/a.ts', line: 1, column: 1 }, sources), false);
    assert.equal(isSilenced('await-cycle', undefined, sources), false);
  });
});

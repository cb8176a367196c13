/** Which blocking calls get a hint before they ever ran. */
import assert from 'node:assert/strict';
import { examine } from '../../src/ui/fixes/main.ts';
import { hintedCalls } from '../../src/ui/hinted-calls.ts';

/** Lines, from 1. */
function hinted(body: string, told: number[] = []): number[] {
  const text = `import { readFileSync } from 'node:fs';\nexport async function load(file) {\n${body}\n}\n`;
  const calls = examine(text, 'load.mjs')?.calls() ?? [];
  return hintedCalls(text, calls, new Set(told.map((line) => line - 1))).map(
    ({ start }) => text.slice(0, start).split('\n').length,
  );
}

describe('a hint', () => {
  it('is given for a blocking call in an async function', () => {
    assert.deepEqual(hinted('  return readFileSync(file);'), [3]);
  });

  it('gives way to what a run has told of the line', () => {
    assert.deepEqual(hinted('  readFileSync(file);\n  return readFileSync(file);', [3]), [4]);
  });

  for (const [what, body] of Object.entries({
    'right above': '  // async-lens-ignore-next-line blocking-call\n  readFileSync(file);',
    'above another comment and a blank line':
      '  // async-lens-ignore-next-line\n  // eslint-disable-next-line\n\n  readFileSync(file);',
    'in a block': '  /* async-lens-ignore-next-line long-wait, blocking-call -- small */\n  readFileSync(file);',
    'in its own line': '  readFileSync(file); // async-lens-ignore-line blocking-call',
    'for the whole file': '  readFileSync(file);\n  // async-lens-ignore-file blocking-call',
  })) {
    it(`is not given where a comment silences it: ${what}`, () => assert.deepEqual(hinted(body), []));
  }

  it('is given where a comment silences other rules', () => {
    assert.deepEqual(
      hinted('  // async-lens-ignore-next-line long-wait -- not blocking-call\n  readFileSync(file);'),
      [4],
    );
  });
});

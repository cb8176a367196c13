/** The quick fixes: each file of fixtures/fixes has programs before and after; `RESET_GOLDENS=1` writes what comes after. */
import assert from 'node:assert/strict';
import { parse } from '@babel/parser';
import type { ParserOptions, ParserPlugin } from '@babel/parser';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Fix } from '../../src/ui/fixes/fix.ts';
import type { Examined } from '../../src/ui/fixes/main.ts';
import { examine } from '../../src/ui/fixes/main.ts';
import { applyEdits } from '../../src/ui/fixes/syntax.ts';
import { assertGolden } from '../support/golden.ts';

const FOLDER = path.join(import.meta.dirname, 'fixtures', 'fixes');

interface Case {
  title: string;
  file: string;
  before: string;
}

/** `=== title | file name`, the program, `---` and what comes after; a title that ends with `(2)` takes the second fix. */
function casesOf(text: string): Case[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const [, title = '', file = '', rest = ''] = /^(.*) \| (.*)\n([^]*)$/.exec(section) ?? [];
      return { title, file, before: rest.split(/^---$/m)[0] ?? '' };
    });
}

/** The line, from 0, that ends with `// !`, else that of the first blocking call or `await`. */
function lineOf(before: string, examined: Examined): number {
  const marked = before.split('\n').findIndex((line) => line.endsWith('// !'));
  const first = examined.calls()[0]?.start ?? Math.max(0, before.indexOf('await '));
  return marked >= 0 ? marked : before.slice(0, first).split('\n').length - 1;
}

const WAYS: Record<string, (examined: Examined, line: number) => Fix | undefined> = {
  worker: (examined, line) => examined.worker(line),
  loop: (examined, line) => examined.loop(line),
  ignore: (examined, line) => examined.ignore(line, 'blocking-call'),
  'ignore-in-file': (examined) => examined.ignoreInFile('blocking-call'),
  together: (examined, line) => examined.together(line),
};

function after(name: string, { title, before, file }: Case): string {
  const examined = examine(before, file, () => /\.cts$|^commonjs/.test(file));
  assert.ok(examined, `${file} can't be parsed`);
  if (name === 'hints') {
    return examined
      .calls()
      .map(({ api, where, start }) => `${before.slice(0, start).split('\n').length}: ${api} ${where ?? '-'}`)
      .join('\n');
  }
  const line = lineOf(before, examined);
  const fix =
    WAYS[name]?.(examined, line) ??
    (name in WAYS ? undefined : examined.replacements(line).at(title.endsWith('(2)') ? 1 : 0));
  if (!fix) return '(no fix)';
  const text = applyEdits(before, fix.edits);
  assertParses(text, file);
  const said = [`# ${fix.title}`, ...fix.cautions.map((caution) => `# check: ${caution}`)].join('\n');
  const { newFile } = fix;
  if (!newFile) return `${said}\n${text}`;
  assertParses(newFile.text, newFile.name);
  return `${said}\n${text}\n# ${newFile.name}\n${newFile.text}`;
}

function assertParses(text: string, file: string): void {
  const plugins: ParserPlugin[] = [
    /\.[mc]?tsx?$/.test(file) ? 'typescript' : 'jsx',
    ...(file.endsWith('.tsx') ? (['jsx'] as const) : []),
  ];
  const options: ParserOptions = { sourceType: 'unambiguous', plugins, allowReturnOutsideFunction: true };
  assert.doesNotThrow(() => parse(text, options), text);
}

describe('the quick fixes', () => {
  for (const name of readdirSync(FOLDER).filter((entry) => entry.endsWith('.txt'))) {
    it(`are those of ${name}`, () => {
      const file = path.join(FOLDER, name);
      const cases = casesOf(readFileSync(file, 'utf8').replaceAll('\r\n', '\n'));
      assert.ok(cases.length > 0);
      const text = cases.map((one) => {
        const result = after(path.basename(name, '.txt'), one).trimEnd();
        return `=== ${one.title} | ${one.file}\n${one.before}---\n${result}\n`;
      });
      assertGolden(file, text.join('\n'));
    });
  }
});

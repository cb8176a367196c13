import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { becomesCommonJs } from '../../src/ui/module-kind.ts';

describe('what a TypeScript file is compiled to', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'module-kind-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const cases: [options: string | undefined, type: string | undefined, isCommonJs: boolean][] = [
    ['{ "compilerOptions": { "module": "CommonJS" } } // as ever', 'module', true],
    ['{ "compilerOptions": { "module": "nodenext" } }', undefined, true],
    ['{ "compilerOptions": { "module": "nodenext" } }', 'module', false],
    ['{ "compilerOptions": { "module": "Node16" } }', 'commonjs', true],
    ['{ "compilerOptions": { "module": "ESNext" } }', undefined, false],
    ['{ "extends": "./base.json" }', undefined, true],
    [undefined, undefined, false],
  ];
  for (const [options, type, isCommonJs] of cases) {
    it(`${options ?? 'no options'}, type ${type ?? 'unknown'}`, () => {
      if (options !== undefined) writeFileSync(path.join(folder, 'tsconfig.json'), options);
      writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type }));
      mkdirSync(path.join(folder, 'src'));
      assert.equal(becomesCommonJs(path.join(folder, 'src', 'shop.ts')), isCommonJs);
    });
  }

  it('is said by its ending, or is not asked', () => {
    assert.deepEqual(
      ['a.cts', 'a.mts', 'a.js'].map((name) => becomesCommonJs(path.join(folder, name))),
      [true, false, false],
    );
  });
});

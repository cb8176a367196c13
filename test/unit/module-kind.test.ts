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
    ['{ "compilerOptions": { "target": "ES2022" } }', undefined, false],
    ['{ "compilerOptions": { "target": "ES2022", "module": "CommonJS" } }', undefined, true],
    ['{ "compilerOptions": { "target": "es5" } }', 'module', true],
    ['{ "compilerOptions": { "target": "ES2022", "module": "node16" } }', undefined, true],
    ['{ "extends": "./config/esm" }', undefined, false],
    ['{ "extends": "./config/esm.json", "compilerOptions": { "module": "commonjs" } }', undefined, true],
    ['{ "extends": "./config/es2020.json" }', undefined, false],
    [undefined, undefined, false],
  ];
  for (const [options, type, isCommonJs] of cases) {
    it(`${options ?? 'no options'}, type ${type ?? 'unknown'}`, () => {
      if (options !== undefined) writeFileSync(path.join(folder, 'tsconfig.json'), options);
      writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type }));
      for (const name of ['src', 'config']) mkdirSync(path.join(folder, name));
      writeFileSync(path.join(folder, 'config', 'esm.json'), '{ "compilerOptions": { "module": "ESNext" } }');
      writeFileSync(path.join(folder, 'config', 'es2020.json'), '{ "compilerOptions": { "target": "ES2020" } }');
      assert.equal(becomesCommonJs(path.join(folder, 'src', 'shop.ts'), ''), isCommonJs);
    });
  }

  it('is told by what it has itself where the options say nothing', () => {
    const file = path.join(folder, 'shop.ts');
    writeFileSync(path.join(folder, 'tsconfig.json'), '{ "extends": "@tsconfig/node22" }');
    writeFileSync(path.join(folder, 'package.json'), '{}');
    const kinds = ['export const here = import.meta.url;', 'export {};'].map((text) => becomesCommonJs(file, text));
    assert.deepEqual(kinds, [false, true]);
  });

  it('is said by its ending, or is not asked', () => {
    assert.deepEqual(
      ['a.cts', 'a.mts', 'a.js'].map((name) => becomesCommonJs(path.join(folder, name), '')),
      [true, false, false],
    );
  });
});

/** The programs of test/truth: what their marks expect, and what was found in them. */
import { transformSync } from 'esbuild';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding, RuleId } from '../../src/protocol/report.ts';

const folder = fileURLToPath(new URL('../truth', import.meta.url));
/** Inside of the repository, so that the programs find their packages. */
const compiled = fileURLToPath(new URL('../../build/truth', import.meta.url));

/**
 * One program, told by comments in it: `expect: RULE` at the end of a line where that rule must fire (for files that don't run to such a line:
 * `expect-anywhere: RULE`), `missed: RULE` or `missed-anywhere: RULE` where it ought to and, as its page says, does not, and in the first lines `since: 22` (major version of Node), `options: --duration 300` of `async-lens run`, `settings: {...}` as JSON,
 * `node: --expose-gc`.
 */
export interface TruthProgram {
  rule: RuleId;
  /** Its first comment. */
  title: string;
  /** The source that findings point to. */
  file: string;
  /** What Node runs: a TypeScript source is compiled before, with a source map. */
  runs: string;
  since: number;
  options: string[];
  /** JSON for `--settings`. */
  settings: string | undefined;
  execArgv: string[];
  /** `RULE:LINE`, sorted; without `:LINE` for a finding that has no place in the file. */
  expected: string[];
  /** The same for what a known limit leaves out. */
  missed: string[];
}

/** The programs in the folder of that rule. */
export function programsOf(rule: RuleId): TruthProgram[] {
  const path = join(folder, rule);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => /\.(?:ts|mjs|cjs)$/.test(name))
    .map((name) => read(rule, join(path, name)));
}

/** Whether it can run on that major version of Node. */
export function isFor(program: TruthProgram, major: number): boolean {
  return major >= program.since;
}

/** A finding as {@link TruthProgram.expected} has it. */
export function textOf({ rule, location }: Finding, { file }: TruthProgram): string {
  if (location === undefined) return rule;
  return location.file === file ? `${rule}:${location.line}` : `${rule} in ${location.file}:${location.line}`;
}

function read(rule: RuleId, file: string): TruthProgram {
  const text = readFileSync(file, 'utf8');
  const option = (name: string): string | undefined => new RegExp(`^// ${name}: (.*)$`, 'm').exec(text)?.[1];
  return {
    rule,
    title: /^\/\/ (.*)$/m.exec(text)?.[1] ?? '',
    file,
    runs: file.endsWith('.ts') ? compile(file, text) : file,
    since: Number(option('since') ?? 0),
    options: option('options')?.split(' ') ?? [],
    settings: option('settings'),
    execArgv: option('node')?.split(' ') ?? [],
    expected: text.split('\n').flatMap(marksOf('expect')).sort(),
    missed: text.split('\n').flatMap(marksOf('missed')),
  };
}

function marksOf(word: 'expect' | 'missed'): (line: string, index: number) => string[] {
  const atEnd = new RegExp(` // ${word}: ([\\w-]+(?:, [\\w-]+)*)$`);
  const alone = new RegExp(`^// ${word}-anywhere: ([\\w-]+)$`);
  return (line, index) => {
    const rules = atEnd.exec(line)?.[1]?.split(', ') ?? [];
    const anywhere = alone.exec(line)?.[1];
    return [...rules.map((rule) => `${rule}:${index + 1}`), ...(anywhere === undefined ? [] : [anywhere])];
  };
}

function compile(file: string, text: string): string {
  const out = join(compiled, `${relative(folder, file)}.mjs`);
  mkdirSync(dirname(out), { recursive: true });
  const { code } = transformSync(text, {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    sourcefile: file,
  });
  writeFileSync(out, code);
  return out;
}

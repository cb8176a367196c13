/** Reads the comments by which a user silences rules: `// async-lens-ignore-next-line RULE, RULE`, `...-ignore-line` and `...-ignore-file`. */
import type { Location, RuleId } from '../../protocol/report.ts';
import type { Sources } from '../sources.ts';

const COMMENT = /(?:\/\/|\/\*)\s*async-lens-ignore-(next-line|line|file)\b([^\r\n]*)/;
/** Blank, or nothing but a comment (also one in JSX). */
const NO_CODE = /^\s*(?:$|\{?\/\*.*\*\/\}?\s*$|\/\/)/;

interface Ignores {
  /** By line, from 1. */
  lines: Map<number, Scope[]>;
  file: Scope[];
}

/** The named rules; `all` when none was named. */
type Scope = ReadonlySet<string> | 'all';

const parsed = new Map<string, Ignores>();
const MAX_TEXTS = 100;
const NOTHING: Ignores = { lines: new Map(), file: [] };

/** Whether a comment in the source silences that rule at that place. What follows ` -- ` is a reason; unknown names silence nothing. */
export function isSilenced(rule: RuleId, location: Location | undefined, sources: Sources): boolean {
  if (location === undefined) return false;
  const text = (sources.currentTextOf ?? sources.textOf)?.(location.file);
  return text !== undefined && isSilencedIn(text, rule, location.line);
}

/** As {@link isSilenced}, of a source text; lines count from 1. */
export function isSilencedIn(text: string, rule: RuleId, line: number): boolean {
  const { lines, file } = ignoresOf(text);
  return [...file, ...(lines.get(line) ?? [])].some((scope) => scope === 'all' || scope.has(rule));
}

function ignoresOf(text: string): Ignores {
  if (!text.includes('async-lens-ignore-')) return NOTHING;
  let ignores = parsed.get(text);
  if (ignores !== undefined) return ignores;
  if (parsed.size >= MAX_TEXTS) parsed.clear();
  parsed.set(text, (ignores = parse(text)));
  return ignores;
}

function parse(text: string): Ignores {
  const ignores: Ignores = { lines: new Map(), file: [] };
  /** For the next line with code: other comments may stand in between. */
  let waiting: Scope[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const isCode = !NO_CODE.test(line);
    if (isCode && waiting.length > 0) {
      ignores.lines.set(index + 1, waiting);
      waiting = [];
    }
    const [, where, names = ''] = COMMENT.exec(line) ?? [];
    if (where === undefined) continue;
    const scope = scopeOf(names);
    if (where === 'file') ignores.file.push(scope);
    else if (where === 'next-line') waiting = [...waiting, scope];
    else ignores.lines.set(index + 1, [...(ignores.lines.get(index + 1) ?? []), scope]);
  }
  return ignores;
}

function scopeOf(names: string): Scope {
  const [list = ''] = names.replace(/\*\/.*$/, '').split(/\s--(?:\s|$)/);
  const rules = list.split(/[\s,]+/).filter((name) => name !== '');
  return rules.length === 0 ? 'all' : new Set(rules);
}

/** Writes the comments that silence rules for the next line or the whole file. Pure. */
import { endOf, isPath, startOf } from './syntax.ts';
import type { Edit, Source } from './syntax.ts';

/** The rules end where a reason begins: ` -- `. Without any all are meant. */
const COMMENT = /^(\s*\/\/\s*async-lens-ignore-(next-line|file)\b[ \t]*)(.*?)\s*(?:--(?:\s.*)?)?$/;

/** The edit for line `line`, from 0; undefined where a comment can't stand, as within a template. A comment that is there gets the rule added. */
export function ignoreEdit(source: Source, line: number, rule: string): Edit | undefined {
  const starts = lineStarts(source.text);
  const start = starts[line];
  if (start === undefined || isWithinText(source, start)) return undefined;
  const before = line > 0 ? (starts[line - 1] ?? 0) : start;
  const known = added(source.text, before, start, 'next-line', rule);
  if (known !== undefined) return known === 'there' ? undefined : known;
  const indent = /^[ \t]*/.exec(source.text.slice(start))?.[0] ?? '';
  return { start, end: start, text: `${indent}// async-lens-ignore-next-line ${rule}${newlineOf(source.text)}` };
}

/** The edit for the whole file, in its first line but for `#!`; undefined where it says so already. */
export function ignoreFileEdit({ text }: Source, rule: string): Edit | undefined {
  const starts = lineStarts(text);
  for (const [index, start] of starts.entries()) {
    const known = added(text, start, starts[index + 1] ?? text.length, 'file', rule);
    if (known !== undefined) return known === 'there' ? undefined : known;
  }
  const at = text.startsWith('#!') ? (starts[1] ?? text.length) : 0;
  return { start: at, end: at, text: `// async-lens-ignore-file ${rule}${newlineOf(text)}` };
}

/** The rule added to the comment of that kind on the line from `start` to `end`; undefined where none is. */
function added(text: string, start: number, end: number, kind: string, rule: string): Edit | 'there' | undefined {
  const [, comment = '', where, rules = ''] = COMMENT.exec(text.slice(start, end).replace(/\r?\n$/, '')) ?? [];
  if (where !== kind) return undefined;
  if (rules === '' || rules.split(/[\s,]+/).includes(rule)) return 'there';
  const at = start + comment.length + rules.length;
  return { start: at, end: at, text: `, ${rule}` };
}

const newlineOf = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

/** Offsets at which the lines begin. */
export function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}

function isWithinText({ paths }: Source, offset: number): boolean {
  return paths.some(
    (path) => isPath(path, 'TemplateElement', 'JSXText') && startOf(path.node) < offset && offset <= endOf(path.node),
  );
}

/** Writes the comment that silences rules for the next line. Pure. */
import { endOf, isPath, startOf } from './syntax.ts';
import type { Edit, Source } from './syntax.ts';

/** The rules end where a reason begins: ` -- `. Without any all are meant. */
const COMMENT = /^(\s*\/\/\s*async-lens-ignore-next-line\b[ \t]*)(.*?)\s*(?:--(?:\s.*)?)?$/;

/** The edit for line `line`, from 0; undefined where a comment can't stand, as within a template. A comment that is there gets the rule added. */
export function ignoreEdit(source: Source, line: number, rule: string): Edit | undefined {
  const starts = lineStarts(source.text);
  const start = starts[line];
  if (start === undefined || isWithinText(source, start)) return undefined;
  const before = line > 0 ? source.text.slice(starts[line - 1], start).replace(/\r?\n$/, '') : '';
  const [, comment = '', rules] = COMMENT.exec(before) ?? [];
  if (rules !== undefined) {
    if (rules === '' || rules.split(/[\s,]+/).includes(rule)) return undefined;
    const end = (starts[line - 1] ?? 0) + comment.length + rules.length;
    return { start: end, end, text: `, ${rule}` };
  }
  const indent = /^[ \t]*/.exec(source.text.slice(start))?.[0] ?? '';
  const newline = source.text.includes('\r\n') ? '\r\n' : '\n';
  return { start, end: start, text: `${indent}// async-lens-ignore-next-line ${rule}${newline}` };
}

/** Offsets at which the lines begin. */
export function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}

function isWithinText({ paths }: Source, offset: number): boolean {
  return paths.some(
    (path) => isPath(path, 'TemplateElement', 'JSXText') && startOf(path.node) < offset && offset <= endOf(path.node),
  );
}

/** Finds the part of a source line that a finding is about. Pure. */

const NAME = /[\w$.#?]/;

/** Columns of `line`, counted from 0, that a squiggle at `column` (from 1) underlines: `await` with the call, the dotted name, or else the trimmed line. */
export function underlined(line: string, column: number): { start: number; end: number } {
  const at = column - 1;
  if (at < 0 || at >= line.length || !NAME.test(line[at] ?? '')) return trimmed(line);
  const awaited = /^await\s+(?:new\s+)?[\w$.#?]*/.exec(line.slice(at));
  if (awaited) return { start: at, end: at + awaited[0].trimEnd().length };
  let start = at;
  while (start > 0 && NAME.test(line[start - 1] ?? '')) start--;
  let end = at;
  while (end < line.length && NAME.test(line[end] ?? '')) end++;
  return { start, end };
}

function trimmed(line: string): { start: number; end: number } {
  const start = line.length - line.trimStart().length;
  return { start, end: Math.max(start, line.trimEnd().length) };
}

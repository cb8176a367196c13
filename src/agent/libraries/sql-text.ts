/** Tells a statement of SQL without its contents. Also in the middle of the program: no regular expressions (see stacks/within.ts). */

const MAX_TEXT = 60;
const SPACES = ' \t\n\r\f\v\u00a0';

const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9';
const isWord = (char: string | undefined): boolean =>
  char !== undefined && (isDigit(char) || (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_');
/** A digit behind one of these is part of a name, a parameter (`$1`) or quoted. */
const isName = (char: string | undefined): boolean => isWord(char) || char === '$' || char === '"' || char === '`';

/** A statement of SQL without its literals, in one line and shortened. */
export function statement(sql: unknown): string {
  if (typeof sql !== 'string') return 'query';
  const text = withoutLiterals(sql.slice(0, 4 * MAX_TEXT)).trim();
  return `query ${text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text}`;
}

function withoutLiterals(sql: string): string {
  let text = '';
  for (let at = 0; at < sql.length;) {
    const end = literalEnd(sql, at, text.at(-1));
    const char = sql[at] ?? '';
    if (end !== undefined) text += '?';
    else if (!SPACES.includes(char)) text += char;
    else if (!text.endsWith(' ')) text += ' ';
    at = end ?? at + 1;
  }
  return text;
}

/** Where the literal ends that begins here, behind `before`: a text, a text between `$tag$`, or a number. */
function literalEnd(sql: string, at: number, before: string | undefined): number | undefined {
  if (sql[at] === "'") return quotedEnd(sql, at + 1);
  if (sql[at] === '$') return dollarEnd(sql, at);
  if (!isDigit(sql[at]) || isName(before)) return undefined;
  let end = at;
  while (isWord(sql[end]) || sql[end] === '.') end++;
  return end;
}

/** Two quotes in a row stand for one. */
function quotedEnd(sql: string, from: number): number {
  let quote = sql.indexOf("'", from);
  while (quote >= 0 && sql[quote + 1] === "'") quote = sql.indexOf("'", quote + 2);
  return quote < 0 ? sql.length : quote + 1;
}

function dollarEnd(sql: string, at: number): number | undefined {
  let end = at + 1;
  while (isWord(sql[end])) end++;
  if (sql[end] !== '$') return undefined;
  const closing = sql.indexOf(sql.slice(at, end + 1), end + 1);
  return closing < 0 ? sql.length : closing + end + 1 - at;
}

/** Tells a statement of SQL without its contents. Also in the middle of the program: no regular expressions (see stacks/within.ts). */

const MAX_TEXT = 60;
const SPACES = ' \t\n\r\f\v\u00a0';

const isDigit = (char: string | undefined): boolean => char !== undefined && char >= '0' && char <= '9';
const isWord = (char: string | undefined): boolean =>
  char !== undefined && (isDigit(char) || (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z') || char === '_');
/** A digit behind one of these is part of a name, a parameter (`$1`) or quoted. */
const isName = (char: string | undefined): boolean => isWord(char) || char === '$' || char === '"' || char === '`';

/** What differs: in MySQL double quotes hold texts, too, and a backslash takes its meaning from the next character. */
export type Dialect = 'standard' | 'mysql';

/** A statement of SQL without its literals, in one line and shortened. */
export function statement(sql: unknown, dialect: Dialect = 'standard'): string {
  if (typeof sql !== 'string') return 'query';
  const text = withoutLiterals(sql.slice(0, 4 * MAX_TEXT), dialect).trim();
  return `query ${text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text}`;
}

function withoutLiterals(sql: string, dialect: Dialect): string {
  let text = '';
  // To read it from `text` would have V8 put that together each time.
  let last: string | undefined;
  for (let at = 0; at < sql.length && text.length <= MAX_TEXT + 1;) {
    const end = literalEnd(sql, at, last, dialect);
    const char = end === undefined ? (sql[at] ?? '') : '?';
    const next = SPACES.includes(char) ? ' ' : char;
    if (next !== ' ' || last !== ' ') text += next;
    last = next;
    at = end ?? at + 1;
  }
  return text;
}

/** Where the literal ends that begins here, behind `before`: a text, a text between `$tag$`, or a number. */
function literalEnd(sql: string, at: number, before: string | undefined, dialect: Dialect): number | undefined {
  const char = sql[at];
  if (char === "'" || (char === '"' && dialect === 'mysql')) return quotedEnd(sql, at + 1, char, dialect);
  if (char === '$' && dialect === 'standard') return dollarEnd(sql, at);
  if (!isDigit(char) || isName(before)) return undefined;
  let end = at;
  while (isWord(sql[end]) || sql[end] === '.') end++;
  return end;
}

/** Two quotes in a row stand for one. */
function quotedEnd(sql: string, from: number, quote: string, dialect: Dialect): number {
  for (let at = from; at < sql.length; at++) {
    if (sql[at] === '\\' && dialect === 'mysql') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
}

function dollarEnd(sql: string, at: number): number | undefined {
  let end = at + 1;
  while (isWord(sql[end])) end++;
  if (sql[end] !== '$') return undefined;
  const closing = sql.indexOf(sql.slice(at, end + 1), end + 1);
  return closing < 0 ? sql.length : closing + end + 1 - at;
}

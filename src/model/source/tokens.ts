/** Cuts JavaScript or TypeScript into tokens, forgivingly: what it does not understand costs a name, never an error. */

/** A word, a bracket or another mark, or a literal; comments and white space are left out. */
export interface Token {
  kind: 'word' | 'mark' | 'literal';
  text: string;
  start: number;
  /** Index of the bracket that belongs to this one; -1 when there is none. */
  pair: number;
}

const WORD = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /\d[\w.]*/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/\w*/y;
const STRING = /"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?/y;
const BLANK = /(?:\s+|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|^#![^\n]*)+/y;
const TEMPLATE_PART = /(?:\\[^]|\$(?!\{)|[^`\\$])*/y;
const OPENING: Partial<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const CLOSING = ')]}';
/** After these a slash begins a regular expression. */
const BEFORE_VALUE =
  /^(?:return|typeof|case|in|of|do|else|void|delete|throw|new|await|yield|instanceof|[^\w$)\]}"'`#\p{ID_Continue}]+)$/u;

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** Index of the first token that begins at that offset or later. */
export function tokenFrom(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The tokens of `text` in order, brackets paired as far as they match. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  /** Indices of the brackets that are open; a template's `${` counts as one. */
  const open: number[] = [];
  let at = 0;

  function add(kind: Token['kind'], length: number): void {
    tokens.push({ kind, text: text.slice(at, at + length), start: at, pair: -1 });
    at += length;
  }

  /** From within a template to its end or to its next `${`. */
  function template(): void {
    at += match(TEMPLATE_PART, text, at).length;
    if (text.startsWith('${', at)) {
      open.push(tokens.length);
      add('mark', 2);
    } else at++;
  }

  function close(): void {
    const last = tokens[open.at(-1) ?? -1];
    const mark = text.charAt(at);
    const isTemplate = last?.text === '${' && mark === '}';
    if (last !== undefined && (isTemplate || OPENING[last.text] === mark)) {
      last.pair = tokens.length;
      add('mark', 1);
      const closing = tokens.at(-1);
      if (closing !== undefined) closing.pair = open.pop() ?? -1;
    } else add('mark', 1);
    if (isTemplate) template();
  }

  while (at < text.length) {
    const blank = match(BLANK, text, at).length;
    at += blank;
    const character = text.charAt(at);
    const before = tokens.at(-1)?.text;
    const word = match(WORD, text, at) || match(NUMBER, text, at);
    if (character === '') break;
    if (word !== '') add(/^\d/.test(word) ? 'literal' : 'word', word.length);
    else if (character === '"' || character === "'") add('literal', match(STRING, text, at).length);
    else if (character === '`') {
      add('literal', 1);
      template();
    } else if (
      character === '/' &&
      (before === undefined || BEFORE_VALUE.test(before)) &&
      match(REGEX, text, at) !== ''
    ) {
      add('literal', match(REGEX, text, at).length);
    } else if (OPENING[character] !== undefined) {
      open.push(tokens.length);
      add('mark', 1);
    } else if (CLOSING.includes(character)) close();
    else add('mark', text.startsWith('=>', at) ? 2 : 1);
  }
  return tokens;
}

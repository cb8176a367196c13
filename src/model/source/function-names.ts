/** Names functions that have no name, from the source text around them: `arrow in loadOrders`, `callback of get('/orders') in shop.ts`. */
import { beginsByNewLine } from './new-lines.ts';
import { tokenFrom, tokensOf, type Token } from './tokens.ts';

/** A function by its offsets in the text, from its `async` (of a method: from its name) to its end. */
export interface FunctionRange {
  start: number;
  end: number;
  /** Its own name or that of what it is assigned to. */
  name: string | undefined;
  /** What it is otherwise: "arrow", "callback of map", "callback of on('data')". */
  role: string;
}

/** Answers for one file. */
export interface FunctionNames {
  /**
   * A readable name for the function at this offset, or for the module when it is outside of functions. `file`: its name. `told`: the name that V8 gives, which
   * stays unless V8 has made it up.
   */
  nameAt(offset: number, file: string, told?: string): string;
}

const MODULE = 'module ';

/** The name of code outside of functions. */
const moduleName = (file: string): string => `${MODULE}${file}`;

/** Whether it is the name of code outside of functions, or there was no source to find one. */
export const mayBeModule = (name: string | undefined): boolean =>
  name === '(anonymous)' || name?.startsWith(MODULE) === true;

/** Words before a bracket that make no method of it. */
const NO_METHOD = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'function', 'return', 'await', 'super']);
/** How far a type between a name and a function is looked through. */
const MAX_TYPE = 60;
/** Functions whose first argument names a route, an event, a test or a command: of others it may be anything, a password among them. */
const NAMING = new Set(
  'get post put patch delete head options all use route on once addListener prependListener addEventListener subscribe it test specify describe context suite step command task job'.split(
    ' ',
  ),
);
/** Characters shown of the text that tells a callback from others. */
const MAX_TEXT = 40;

/** Reads a file's functions once. */
export function functionNames(text: string): FunctionNames {
  const tokens = tokensOf(text);
  const ranges = rangesOf(tokens, text);
  return {
    nameAt(offset, file, told) {
      const around = ranges
        .filter(({ start, end }) => start <= offset && offset < end)
        .sort((a, b) => b.start - a.start);
      const own = around.shift();
      if (told !== undefined && (own === undefined || !isMadeUp(told, own, tokens))) return told;
      if (own === undefined) return moduleName(file);
      return own.name ?? `${own.role} in ${around.find(({ name }) => name !== undefined)?.name ?? file}`;
    },
  };
}

/**
 * V8 calls a function without a name after what it has read last: in `run(async () => ..., { retries: 3 })` it is `run.retries` for V8, or `run` where the key
 * is an expression (Node 20 to 26). Other names may be real: `named(async () => ..., 'load')`.
 */
function isMadeUp(told: string, { name, start, end }: FunctionRange, tokens: readonly Token[]): boolean {
  const call = name === undefined ? callAround(tokens, tokenFrom(tokens, start)) : undefined;
  const opening = call === undefined ? undefined : tokens[call];
  if (call === undefined || opening === undefined) return false;
  const from = tokenFrom(tokens, end);
  const later = tokens.slice(from, opening.pair < 0 ? tokens.length : opening.pair);
  if (!later.some(({ text }) => text === '{')) return false;
  const last = told.slice(told.lastIndexOf('.') + 1);
  const isKey = ({ text, kind }: Token, at: number): boolean =>
    unquoted(text) === last && (kind === 'word' || later[at + 1]?.text === ':');
  return tokens[beforeTypes(tokens, call)]?.text === last || later.some(isKey);
}

/** The functions of a file. */
export function rangesOf(tokens: readonly Token[], text: string): FunctionRange[] {
  const ranges: FunctionRange[] = [];
  tokens.forEach((token, index) => {
    const range =
      token.text === '=>'
        ? arrow(tokens, index, text)
        : token.kind === 'word' && token.text === 'function'
          ? expression(tokens, index)
          : token.text === '('
            ? method(tokens, index)
            : undefined;
    if (range !== undefined) ranges.push(range);
  });
  return ranges;
}

function arrow(tokens: readonly Token[], at: number, source: string): FunctionRange | undefined {
  const first = beforeAsync(tokens, parametersBefore(tokens, at));
  // A type: `Promise<() => void>`.
  if (tokens[first - 1]?.text === '<') return undefined;
  const body = tokens[at + 1];
  const end = body?.text === '{' ? body.pair : endOfExpression(tokens, at + 1, source);
  return { ...extent(tokens, first, end), name: assignedName(tokens, first), role: roleOf(tokens, first, 'arrow') };
}

function expression(tokens: readonly Token[], at: number): FunctionRange | undefined {
  let next = at + 1;
  if (tokens[next]?.text === '*') next++;
  const own = tokens[next]?.kind === 'word' ? tokens[next]?.text : undefined;
  if (own !== undefined) next++;
  const end = endOfBody(tokens, afterTypes(tokens, next));
  if (end === undefined) return undefined;
  const first = beforeAsync(tokens, at);
  const name = own ?? assignedName(tokens, first);
  return { ...extent(tokens, first, end), name, role: roleOf(tokens, first, 'function') };
}

/** `name(...) { ... }` in a class or an object. */
function method(tokens: readonly Token[], at: number): FunctionRange | undefined {
  const name = tokens[beforeTypes(tokens, at)];
  if (name === undefined || name.kind === 'mark' || NO_METHOD.has(name.text)) return undefined;
  const first = beforeTypes(tokens, at);
  const before = tokens[first - 1]?.text;
  if (before === 'function' || before === '.' || before === 'new' || tokens[first - 2]?.text === 'function')
    return undefined;
  const end = endOfBody(tokens, at);
  if (end === undefined) return undefined;
  const owner = classAround(tokens, first);
  const own = unquoted(name.text);
  return { ...extent(tokens, first, end), name: owner === undefined ? own : `${owner}.${own}`, role: 'method' };
}

function extent(tokens: readonly Token[], first: number, last: number): { start: number; end: number } {
  return { start: tokens[first]?.start ?? 0, end: tokens[last]?.start ?? Infinity };
}

/** Index of the closing brace of the body that follows the parameters at `open`; a type may stand in between. */
function endOfBody(tokens: readonly Token[], open: number): number | undefined {
  const close = tokens[open]?.text === '(' ? (tokens[open]?.pair ?? -1) : -1;
  if (close < 0) return undefined;
  let at = close + 1;
  if (tokens[at]?.text === ':') {
    at++;
    if (tokens[at]?.text === '{') at = (tokens[at]?.pair ?? at) + 1;
    if (tokens[at]?.text === '(' && tokens[(tokens[at]?.pair ?? at) + 1]?.text === '=>')
      at = (tokens[at]?.pair ?? at) + 2;
    for (let depth = 0; at < close + MAX_TYPE; at++) {
      const text = tokens[at]?.text ?? ';';
      if (text === '<') depth++;
      else if (text === '>') depth--;
      else if (depth <= 0 && /^[{;=]$|^=>$/.test(text)) break;
    }
  }
  const body = tokens[at];
  return body?.text === '{' ? (body.pair < 0 ? tokens.length : body.pair) : undefined;
}

/** The end of an arrow's expression: the next comma or closing bracket around it, or the statement in a new line. */
function endOfExpression(tokens: readonly Token[], from: number, source: string): number {
  for (let at = from; at < tokens.length; at++) {
    const { text, pair } = tokens[at] ?? { text: ';', pair: -1 };
    if (at > from && beginsByNewLine(tokens, at, source)) return at;
    if (pair > at) at = pair;
    else if (/^[,;)\]}]$/.test(text)) return at;
  }
  return tokens.length;
}

/** Index of the first token of an arrow's parameters. */
function parametersBefore(tokens: readonly Token[], arrowAt: number): number {
  const last = arrowAt - 1;
  if (tokens[last]?.text === ')') return beforeOpening(tokens, tokens[last]?.pair ?? last);
  for (let at = last; at > Math.max(0, last - MAX_TYPE); at--) {
    const { text, pair } = tokens[at] ?? { text: '', pair: -1 };
    if (text === ':' && tokens[at - 1]?.text === ')') return beforeOpening(tokens, tokens[at - 1]?.pair ?? at);
    if (pair >= 0 && pair < at) at = pair;
    else if (/^[,;({[]$|^=>?$/.test(text)) break;
  }
  return last;
}

/** Type parameters may stand before the bracket: `<T>(value: T) => ...`. */
function beforeOpening(tokens: readonly Token[], open: number): number {
  return tokens[open - 1]?.text === '>' ? beforeTypes(tokens, open) + 1 : open;
}

const beforeAsync = (tokens: readonly Token[], first: number): number =>
  tokens[first - 1]?.text === 'async' ? first - 1 : first;

/** Index of the token before `at`, type arguments passed over. */
function beforeTypes(tokens: readonly Token[], at: number): number {
  if (tokens[at - 1]?.text !== '>') return at - 1;
  let depth = 0;
  for (let i = at - 1; i > Math.max(0, at - MAX_TYPE); i--) {
    if (tokens[i]?.text === '>') depth++;
    else if (tokens[i]?.text === '<' && --depth === 0) return i - 1;
  }
  return at - 1;
}

/** Index of the bracket after type parameters that may stand at `at`. */
function afterTypes(tokens: readonly Token[], at: number): number {
  if (tokens[at]?.text !== '<') return at;
  for (let i = at; i < at + MAX_TYPE; i++) if (tokens[i]?.text === '(') return i;
  return at;
}

/** What the function that begins at `first` is assigned to. */
function assignedName(tokens: readonly Token[], first: number): string | undefined {
  const mark = tokens[first - 1]?.text;
  const target = tokens[first - 2];
  if (mark === ':' && target !== undefined && target.kind !== 'mark') {
    return /^[{,]$/.test(tokens[first - 3]?.text ?? '') ? unquoted(target.text) : undefined;
  }
  if (mark !== '=') return undefined;
  for (let at = first - 2; at > Math.max(-1, first - MAX_TYPE); at--) {
    const { text, pair } = tokens[at] ?? { text: ';', pair: -1 };
    if (/^(?:const|let|var)$/.test(text)) return tokens[at + 1]?.text;
    if (pair >= 0 && pair < at) at = pair;
    else if (/^[;({]$/.test(text)) break;
  }
  return target?.kind === 'word' ? target.text : undefined;
}

function roleOf(tokens: readonly Token[], first: number, otherwise: string): string {
  const open = callAround(tokens, first);
  const callee = open === undefined ? undefined : tokens[beforeTypes(tokens, open)];
  if (open === undefined || callee === undefined) return otherwise;
  return `callback of ${callee.text}${NAMING.has(callee.text) ? firstText(tokens, open) : ''}`;
}

/** Index of the bracket that opens the call whose argument begins at `first`. */
function callAround(tokens: readonly Token[], first: number): number | undefined {
  let at = first - 1;
  while (at >= 0 && tokens[at]?.text !== '(') {
    const { text, pair } = tokens[at] ?? { text: ';', pair: -1 };
    if (at === first - 1 && text !== ',') return undefined;
    if (/^[[{;]$/.test(text) && pair > at) return undefined;
    at = pair >= 0 && pair < at ? pair - 1 : at - 1;
  }
  const callee = tokens[beforeTypes(tokens, at)];
  return callee?.kind !== 'word' || NO_METHOD.has(callee.text) ? undefined : at;
}

/** "('/orders')" where the call's first argument is a text: the route, the event or the test tells its callback from the others. */
function firstText(tokens: readonly Token[], open: number): string {
  const first = tokens[open + 1];
  if (first === undefined || !/^["']/.test(first.text) || tokens[open + 2]?.text !== ',') return '';
  const text = unquoted(first.text);
  // Of an address the name would be too long, and what is in it may be secret.
  if (/[\\\n?]|:\/\//.test(text)) return '';
  const characters = Array.from(text);
  return `('${characters.length > MAX_TEXT ? `${characters.slice(0, MAX_TEXT - 1).join('')}…` : text}')`;
}

/** Name of the class whose body directly contains `index`. */
function classAround(tokens: readonly Token[], index: number): string | undefined {
  let at = index - 1;
  while (at >= 0 && !(tokens[at]?.text === '{' && (tokens[at]?.pair ?? -1) > index)) {
    const pair = tokens[at]?.pair ?? -1;
    at = pair >= 0 && pair < at ? pair - 1 : at - 1;
  }
  for (let head = at - 1; head > Math.max(-1, at - MAX_TYPE); head--) {
    if (/^[;{}]$/.test(tokens[head]?.text ?? ';')) return undefined;
    if (tokens[head]?.text === 'class') return tokens[head + 1]?.text;
  }
  return undefined;
}

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2');

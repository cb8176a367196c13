/** Says of a function in the same file whether calls of it can be told apart from one another only by what they are given: it changes nothing outside of itself. */
import { changesObject, readsOnly } from './reading-names.ts';
import type { Token } from './tokens.ts';

/** What a call of a name does, as far as the text tells: `unknown` when it is not a function of this file. */
export type Effect = 'none' | 'some' | 'unknown';

/** Answers for the functions of one file. */
export type EffectOf = (name: string) => Effect;

const DECLARES = new Set(['const', 'let', 'var', 'function', 'class']);
const PURE_OWNERS = new Set(
  'JSON Math Date Number String Object Array Promise Boolean Buffer URL console crypto AbortSignal performance'.split(
    ' ',
  ),
);
const HARMLESS = new Set(
  'Promise setTimeout setImmediate clearTimeout resolve reject map filter find json text some every slice join split trim toString includes keys values entries reduce flat flatMap concat at indexOf parse stringify round floor now then catch finally Number String Boolean Date URL Error Array Set Map sleep delay fetch if for while switch catch return await function'.split(
    ' ',
  ),
);
const MAX_DEPTH = 4;

/** Reads the functions of a file, each at most once. */
export function effectsIn(tokens: readonly Token[]): EffectOf {
  return readerOf(tokens).effectOf;
}

/** Whether code from one token to another (not included) may change anything but what it declares itself. */
export function changesOutside(tokens: readonly Token[], body: { from: number; to: number }): boolean {
  return readerOf(tokens).changes(body);
}

interface Reader {
  effectOf: EffectOf;
  changes(body: { from: number; to: number }): boolean;
}

function readerOf(tokens: readonly Token[]): Reader {
  const known = new Map<string, Effect>();
  const textAt = (at: number): string => tokens[at]?.text ?? '';

  function effectOf(name: string, depth: number): Effect {
    const before = known.get(name);
    if (before !== undefined) return before;
    const body = bodyOf(name);
    if (body === undefined) return 'unknown';
    if (depth > MAX_DEPTH) return 'some';
    known.set(name, 'none'); // for functions that call themselves
    const effect = changes(body, depth) ? 'some' : 'none';
    known.set(name, effect);
    return effect;
  }

  /** Of the only function with this name. */
  function bodyOf(name: string): { from: number; to: number } | undefined {
    const found: { from: number; to: number }[] = [];
    for (let i = 0; i < tokens.length; i++) {
      if (textAt(i) !== name) continue;
      const isFunction = textAt(i - 1) === 'function';
      const isAssigned = /^(?:const|let|var)$/.test(textAt(i - 1)) && textAt(i + 1) === '=';
      if (!isFunction && !isAssigned) continue;
      const body = isFunction ? blockAfter(i + 1) : arrowBody(i + 2);
      if (body === undefined) return undefined;
      found.push(body);
    }
    return found.length === 1 ? found[0] : undefined;
  }

  function blockAfter(parameters: number): { from: number; to: number } | undefined {
    for (let i = (tokens[parameters]?.pair ?? -1) + 1; i > 0 && i < tokens.length; i++) {
      const { text, pair } = tokens[i] ?? { text: ';', pair: -1 };
      if (text === '{') return pair < 0 ? undefined : { from: i + 1, to: pair };
      if (/^[;=]$/.test(text)) return undefined;
    }
    return undefined;
  }

  function arrowBody(at: number): { from: number; to: number } | undefined {
    let i = textAt(at) === 'async' ? at + 1 : at;
    if (textAt(i) === 'function') return blockAfter(i + 1);
    i = (tokens[i]?.pair ?? -1) > i ? (tokens[i]?.pair ?? i) + 1 : i + 1;
    if (textAt(i) !== '=>') return undefined;
    const first = tokens[i + 1];
    if (first?.text === '{') return first.pair < 0 ? undefined : { from: i + 2, to: first.pair };
    for (let end = i + 1; end < tokens.length; end++) {
      const { text, pair } = tokens[end] ?? { text: ';', pair: -1 };
      if (/^[;,)\]}]$/.test(text) || DECLARES.has(text)) return { from: i + 1, to: end };
      if (pair > end) end = pair;
    }
    return undefined;
  }

  function changes({ from, to }: { from: number; to: number }, depth: number): boolean {
    const own = declaredIn(tokens, from, to);
    for (let i = from; i < to; i++) {
      if (assignedAt(tokens, i).some((name) => !own.has(name))) return true;
      if (textAt(i) !== '(' || tokens[i - 1]?.kind !== 'word') continue;
      const name = textAt(i - 1);
      const isMethod = textAt(i - 2) === '.';
      const root = isMethod ? rootBefore(tokens, i) : name;
      if (isMethod && changesObject(name)) {
        if (!own.has(root)) return true;
      } else if (!isHarmless(name, root, isMethod, own, depth)) return true;
    }
    return false;
  }

  function isHarmless(name: string, root: string, isMethod: boolean, own: ReadonlySet<string>, depth: number): boolean {
    if (HARMLESS.has(name) || PURE_OWNERS.has(root) || own.has(name)) return true;
    const effect = isMethod ? 'unknown' : effectOf(name, depth + 1);
    return effect === 'unknown' ? readsOnly(name, isMethod ? [root] : []) : effect === 'none';
  }

  return { effectOf: (name) => effectOf(name, 0), changes: (body) => changes(body, 0) };
}

/** The names that the token at `at` assigns to, when it is the `=` of an assignment (also `+=`), a `++` or a `--`: of `a.b = 1` it is `a`. */
export function assignedAt(tokens: readonly Token[], at: number): string[] {
  const [before = '', mark = '', after = ''] = [tokens[at - 1]?.text, tokens[at]?.text, tokens[at + 1]?.text];
  if (mark === '+' || mark === '-') {
    if (after !== mark || tokens[at + 1]?.start !== (tokens[at]?.start ?? 0) + 1) return [];
    const isBehind = tokens[at - 1]?.kind === 'word' || /^[\])]$/.test(before);
    return [isBehind ? rootBefore(tokens, at) : (tokens[at + 2]?.text ?? '')];
  }
  if (mark !== '=' || after === '=' || after === '>' || /^[=!<>]$/.test(before) || isOfDeclaration(tokens, at))
    return [];
  const { pair = -1 } = tokens[at - 1] ?? {};
  const isPattern = before === '}' || (before === ']' && tokens[pair - 1]?.kind !== 'word');
  if (!isPattern || pair < 0) return [rootBefore(tokens, at)];
  return tokens.slice(pair, at).flatMap(({ kind, text }) => (kind === 'word' ? [text] : []));
}

const MAX_PATTERN = 60;

/** Whether the `=` at `at` gives a declared name its first value; a type may stand in between. */
function isOfDeclaration(tokens: readonly Token[], at: number): boolean {
  for (let i = at - 1; i > Math.max(-1, at - MAX_PATTERN); i--) {
    const { text = ';', pair = -1 } = tokens[i] ?? {};
    if (/^(?:const|let|var)$/.test(text)) return true;
    if (pair >= 0 && pair < i) i = pair;
    else if (/^[;=({[]$/.test(text)) return false;
  }
  return false;
}

/** The first name of `a.b.c` that ends before `at`. */
export function rootBefore(tokens: readonly Token[], at: number): string {
  let i = at - 1;
  while (/^[-+*/%&|^?!]$/.test(tokens[i]?.text ?? '')) i--;
  for (;;) {
    const { pair = -1, text = '' } = tokens[i] ?? {};
    if (/^[\])]$/.test(text) && pair >= 0) i = pair - 1;
    else if (tokens[i - 1]?.text === '.') i -= tokens[i - 2]?.text === '?' ? 3 : 2;
    else return text;
  }
}

/** Names that a span declares. */
export function declaredIn(tokens: readonly Token[], from: number, to: number): Set<string> {
  const names = new Set<string>();
  for (let i = from; i < to; i++) {
    if (!DECLARES.has(tokens[i]?.text ?? '')) continue;
    const next = tokens[i + 1];
    if (next === undefined) continue;
    if (next.pair > i) {
      for (let j = i + 2; j < next.pair; j++) if (tokens[j]?.kind === 'word') names.add(tokens[j]?.text ?? '');
    } else names.add(next.text);
  }
  return names;
}

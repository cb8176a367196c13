/** Reads in a source text what an executor does with its `resolve`: keeps it in a list, hands it to a call, calls it in a callback. */
import type { Token } from './tokens.ts';

/** Methods that put something into what they are called on. */
const KEEPS = /^(?:push|unshift|add|set|append|enqueue|insert|put|queue)$/;
/** Before these a bracket is no call's. */
const HEADS = /^(?:if|for|while|switch|catch|with|return|await|function|async|new|typeof|void)$/;

/** Index of the bracket that begins the arguments of `new Promise(...)`, `at` being that of `new`; -1 when it is another class. */
function argumentsOf(tokens: readonly Token[], at: number): number {
  if (tokens[at]?.text !== 'new' || tokens[at + 1]?.text !== 'Promise') return -1;
  if (tokens[at + 2]?.text !== '<') return tokens[at + 2]?.text === '(' ? at + 2 : -1;
  return tokens.findIndex(({ text }, i) => i > at && text === '>' && tokens[i + 1]?.text === '(') + 1 || -1;
}

/** The name of the executor's first parameter, and where its body may begin. */
function parameterOf(tokens: readonly Token[], open: number): { name: string; from: number } | undefined {
  let at = open + 1;
  while (/^(?:async|function)$/.test(tokens[at]?.text ?? '')) at++;
  const first = tokens[at];
  if (first?.kind === 'word' && tokens[at + 1]?.text !== '(') return { name: first.text, from: at + 1 };
  const list = first?.text === '(' ? at : at + 1;
  const name = tokens[list + 1];
  const end = tokens[list]?.pair ?? -1;
  return tokens[list]?.text === '(' && name?.kind === 'word' && end > list ? { name: name.text, from: end } : undefined;
}

/** What becomes of `resolve` in the executor of the `new Promise(...)` at this index, in a few words; undefined when the text does not show it. */
export function resolveText(tokens: readonly Token[], at: number): string | undefined {
  const open = argumentsOf(tokens, at);
  const parameter = open < 0 ? undefined : parameterOf(tokens, open);
  if (parameter === undefined) return undefined;
  const { name, from } = parameter;
  const end = tokens[open]?.pair ?? -1;
  const to = end < 0 ? tokens.length : end;
  let handed: string | undefined;
  for (let i = from; i < to; i++) {
    if (tokens[i]?.text !== name || tokens[i - 1]?.text === '.') continue;
    const use = useOf(tokens, i, open);
    if (use?.isKept === true) return `${name} kept in ${use.by}`;
    handed ??= use === undefined ? undefined : `${name} given to ${use.by}`;
  }
  return handed;
}

/** Who has what stands at this index, or calls it: within the brackets that begin at `outer`. */
function useOf(tokens: readonly Token[], at: number, outer: number): { by: string; isKept: boolean } | undefined {
  if (tokens[at - 1]?.text === '=' && tokens[at + 1]?.text !== '(') return kept(chainBefore(tokens, at - 1));
  for (let i = at - 1; i > outer; i--) {
    const { text = '', pair = -1 } = tokens[i] ?? {};
    if (pair >= 0 && pair < i) i = pair;
    else if (text === '(' && isCallee(tokens[i - 1])) {
      const chain = chainBefore(tokens, i);
      const method = tokens[i - 1]?.text ?? '';
      const isValue = tokens[at + 1]?.text !== '(';
      if (isValue && KEEPS.test(method) && chain.includes('.')) return kept(chain.slice(0, -method.length - 1));
      return chain === '' ? undefined : { by: `${chain}(…)`, isKept: false };
    } else if (text === '=' && tokens[i + 1]?.text === '{') return kept(chainBefore(tokens, i));
  }
  return undefined;
}

const kept = (by: string): { by: string; isKept: boolean } | undefined =>
  by === '' ? undefined : { by, isKept: true };

const isCallee = (token: Token | undefined): boolean => token?.kind === 'word' && !HEADS.test(token.text);

/** Names and members that end before this index: `this.waiting.push`; empty when it is something else. */
function chainBefore(tokens: readonly Token[], end: number): string {
  let words = '';
  for (let i = end - 1; ; i--) {
    const token = tokens[i];
    if (token?.text === ']' && token.pair >= 0 && token.pair < i) {
      words = `[…]${words}`;
      i = token.pair;
      continue;
    }
    if (token?.kind !== 'word') return words.startsWith('.') ? '' : words;
    words = `${token.text}${words}`;
    if (tokens[i - 1]?.text !== '.') return words;
    words = `.${words}`;
    i--;
    if (tokens[i - 1]?.text === '?') i--;
  }
}

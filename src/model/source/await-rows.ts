/** Finds in source text the awaits that come one after the other without needing each other: in a row of statements, or in a loop. */
import { byText } from './by-text.ts';
import { assignedAt, declaredIn, effectsIn, rootBefore, type EffectOf } from './harmless.ts';
import { isWriting, readsOnly } from './reading-names.ts';
import {
  awaitedCall,
  declarationAt,
  endOfStatement,
  wordsIn,
  type AwaitedCall,
  type Breaks,
  type Span,
} from './statements.ts';
import { tokensOf, type Token } from './tokens.ts';

/** Awaits that could wait at the same time. */
export interface SourceRow {
  kind: 'row' | 'loop';
  /** Lines of their `await`, from 1; each once. */
  lines: number[];
  /** Awaits in the text. */
  awaits: number;
}

interface Text {
  tokens: readonly Token[];
  breaks: Breaks;
  effectOf: EffectOf;
  lineOf(token: number): number;
}

const LEAST = 3;

/** All of a file. Precise before complete: what is not understood, or may depend on an order, is none. */
export const awaitRowsIn = byText(find);

function find(text: string): SourceRow[] {
  const tokens = tokensOf(text);
  const breaks: Breaks = (before, after) => text.slice(before.start + before.text.length, after.start).includes('\n');
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const lineOf = (token: number): number => {
    const start = tokens[token]?.start ?? 0;
    return starts.findLastIndex((line) => line <= start) + 1;
  };
  const source: Text = { tokens, breaks, effectOf: effectsIn(tokens), lineOf };
  return [...statementRows(source), ...loops(source)];
}

/** Whether calls of it can change places with others. */
function isFree({ callee, args }: AwaitedCall, { tokens, effectOf }: Text): boolean {
  const [name = ''] = callee.slice(-1);
  if (changesByArguments(tokens, args)) return false;
  const effect = callee.length === 1 ? effectOf(name) : 'unknown';
  return effect === 'unknown' ? readsOnly(name, callee.slice(0, -1)) : effect === 'none';
}

/** SQL that is no question, or a request by another method than GET. */
function changesByArguments(tokens: readonly Token[], { from, to }: Span): boolean {
  for (let i = from; i < to; i++) {
    const text = tokens[i]?.text;
    if (isWriting(tokens, i) || text === '=>' || assignedAt(tokens, i).length > 0) return true;
  }
  return false;
}

function statementRows(source: Text): SourceRow[] {
  const { tokens, breaks, lineOf } = source;
  const rows: SourceRow[] = [];
  for (let i = 0; i < tokens.length;) {
    const row: AwaitedCall[] = [];
    const bound = new Set<string>();
    let next = i;
    for (;;) {
      const declaration = declarationAt(tokens, next, breaks);
      if (declaration === undefined) break;
      const { names, value } = declaration;
      const call = soleAwait(tokens, value);
      const isBound = wordsIn(tokens, value).some((word) => bound.has(word));
      if (call === undefined ? !isPlain(tokens, value) || row.length === 0 : isBound || !isFree(call, source)) break;
      if (call !== undefined) row.push(call);
      if (call !== undefined || isBound) for (const name of names) bound.add(name);
      next = declaration.next;
    }
    const lines = [...new Set(row.map(({ at }) => lineOf(at)))];
    if (row.length >= LEAST && lines.length === row.length) rows.push({ kind: 'row', lines, awaits: row.length });
    i = Math.max(next, i + 1);
  }
  return rows;
}

/** `await f()`, also with `as Type` behind it or as `(await f()).x`. */
function soleAwait(tokens: readonly Token[], { from, to }: Span): AwaitedCall | undefined {
  const isWrapped = tokens[from]?.text === '(' && tokens[from + 1]?.text === 'await';
  const at = isWrapped ? from + 1 : from;
  if (tokens[at]?.text !== 'await') return undefined;
  const call = awaitedCall(tokens, at);
  if (call === undefined) return undefined;
  const rest = tokens.slice(call.args.to + 1, to);
  const isOver = rest.length === 0 || rest[0]?.text === 'as' || rest[0]?.text === '!';
  return isOver || (isWrapped && rest.every(({ text }) => !/^[({`=]$|^await$/.test(text))) ? call : undefined;
}

/** An expression that neither calls nor awaits anything. */
function isPlain(tokens: readonly Token[], { from, to }: Span): boolean {
  return tokens.slice(from, to).every(({ text }) => !/^(?:\(|`|await|yield|new|=>|delete)$/.test(text));
}

const LEAVES = new Set([
  'break',
  'return',
  'throw',
  'yield',
  'try',
  'while',
  'do',
  'for',
  'switch',
  'async',
  'function',
  'this',
]);

function loops(source: Text): SourceRow[] {
  const { tokens, breaks, lineOf } = source;
  return tokens.flatMap(({ text }, at): SourceRow[] => {
    const head = tokens[at + 1];
    if (text !== 'for' || head?.text !== '(' || head.pair < 0) return [];
    const open = tokens[head.pair + 1];
    const body =
      open?.text === '{'
        ? { from: head.pair + 2, to: open.pair }
        : { from: head.pair + 1, to: endOfStatement(tokens, head.pair + 1, breaks) };
    const calls = callsOfLoop(source, { from: at + 2, to: head.pair }, body);
    if (calls === undefined) return [];
    return [{ kind: 'loop', lines: [...new Set(calls.map((call) => lineOf(call.at)))], awaits: calls.length }];
  });
}

/** The awaits of a loop whose rounds do not need each other. */
function callsOfLoop(source: Text, head: Span, body: Span): AwaitedCall[] | undefined {
  const { tokens } = source;
  const inside = tokens.slice(body.from, body.to);
  if (
    inside.some(({ text }) => LEAVES.has(text)) ||
    tokens.slice(head.from, head.to).some(({ text }) => text === 'await')
  )
    return undefined;
  const calls: AwaitedCall[] = [];
  for (let i = body.from; i < body.to; i++) {
    if (tokens[i]?.text !== 'await') continue;
    const call = awaitedCall(tokens, i);
    const isUsed = !/^[;{})]$/.test(tokens[i - 1]?.text ?? '') && i > body.from;
    if (call === undefined || !isUsed || !isFree(call, source)) return undefined;
    calls.push(call);
  }
  const own = declaredIn(tokens, body.from, body.to);
  const rounds = declaredIn(tokens, head.from, head.to);
  const changed = changedIn(tokens, body, own);
  const needs = calls.flatMap(({ callee: [root = ''], args }) => [root, ...wordsIn(tokens, args)]);
  const isOfRound = needs.some((word) => rounds.has(word));
  const depends = [...needs, ...wordsIn(tokens, head)].some((word) => changed.has(word));
  return calls.length === 0 || !isOfRound || depends ? undefined : calls;
}

/** Names from outside that the body assigns, calls methods of or passes on. */
function changedIn(tokens: readonly Token[], { from, to }: Span, own: ReadonlySet<string>): Set<string> {
  const changed = new Set<string>();
  const awaited = new Set<number>();
  for (let i = from; i < to; i++) {
    const call = tokens[i]?.text === 'await' ? awaitedCall(tokens, i) : undefined;
    if (call !== undefined) awaited.add(call.args.from - 1);
    for (const name of assignedAt(tokens, i)) changed.add(name);
    if (tokens[i]?.text !== '(' || tokens[i - 1]?.kind !== 'word' || awaited.has(i)) continue;
    changed.add(rootBefore(tokens, i));
  }
  for (const name of own) changed.delete(name);
  return changed;
}

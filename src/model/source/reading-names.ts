/** Tells by its name whether a function only reads: what changes something may rely on the order of its calls. */
import type { Token } from './tokens.ts';

/** First words of functions that read. Not those that guard what follows, such as `check`, and not `request`, which may change something. */
const READS = new Set(
  'get fetch load read find query list look lookup search count select retrieve resolve stat exists has is head describe download measure compute calculate parse render fetchall axios got ky estimate'.split(
    ' ',
  ),
);
/** With these after the first word the next call gives something else, or the call waits for a turn. */
const TURNS = /(?:next|lock|turn|cursor|token|chunk|message|line|batch|random|unique|new)/i;
/** Objects that do one thing after the other, or on which it matters what came before. */
const ORDERED =
  /^(?:tx|trx|transaction|conn|connection|client|session|cursor|reader|iterator|iter|it|stream|page|browser|rl|readline|prompt|queue|mutex|lock|semaphore|socket|channel|worker|redis|multi|pipeline|generator|gen)$/i;

/** `name` as it is called, `user` in `api.user()`; `owners` the names before it, outermost first. */
export function readsOnly(name: string, owners: readonly string[]): boolean {
  const [first = '', ...rest] = name.split(/(?=[A-Z_])/);
  return READS.has(first.toLowerCase()) && !TURNS.test(rest.join('')) && !owners.some((owner) => ORDERED.test(owner));
}

/** Whether SQL that is no question begins with this token, or options of a request by another method than GET do. */
export function isWriting(tokens: readonly Token[], at: number): boolean {
  const { kind, text = '' } = tokens[at] ?? {};
  if (kind === 'literal' && /^['"`]\s*(?:insert|update|delete|begin|commit|create|drop|alter|lock|set)\b/i.test(text))
    return true;
  return text === 'method' && !/^['"](?:get|head)['"]$/i.test(tokens[at + 2]?.text ?? '');
}

/** Methods that change the object they are called on. */
const CHANGES = new Set(
  'push pop shift unshift splice sort reverse fill set add delete clear append write insert update save remove send emit publish enqueue dequeue assign put next'.split(
    ' ',
  ),
);

/** Whether a call `object.name()` may change the object. */
export const changesObject = (name: string): boolean => CHANGES.has(name);

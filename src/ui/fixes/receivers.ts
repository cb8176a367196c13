/** What becomes of the result of a function that is passed to a call, once that is a promise. Pure. */
import type { CallExpression } from '@babel/types';
import { calledName, roleAsArgument } from './handlers.ts';
import type { Path } from './syntax.ts';

/** Callbacks whose result nobody looks at. */
const IGNORES_RESULT = new Set(['setTimeout', 'setImmediate', 'nextTick', 'queueMicrotask']);
const TAKES_PROMISE = new Set(['then', 'catch', 'finally']);
/** To these a promise is a value like any other: always true, no number, no text. */
const USES_RESULT = new Set(
  (
    'sort toSorted filter some every find findIndex findLast findLastIndex reduce reduceRight flatMap replace replaceAll ' +
    'sortBy groupBy'
  ).split(' '),
);
const ADDS_LISTENER = new Set(['on', 'once', 'addListener', 'prependListener', 'prependOnceListener']);
const EARLIER_BEGINS = 'may begin again before it is done';

/** `refuses`: the program would do something else. `map`: gives the promises on. */
export type Receiver = 'refuses' | 'map' | 'takes it' | { caution: string };

/** The call gets the function at `argument`. */
export function receiverOf(call: CallExpression, argument: Path): Receiver {
  const name = calledName(call) ?? 'the call';
  const isMethod = call.callee.type === 'MemberExpression' || call.callee.type === 'OptionalMemberExpression';
  const [first] = call.arguments;
  if (isMethod && USES_RESULT.has(name)) return 'refuses';
  // Nothing is waited for after this event.
  if (ADDS_LISTENER.has(name) && first?.type === 'StringLiteral' && first.value === 'exit') return 'refuses';
  if (IGNORES_RESULT.has(name) || TAKES_PROMISE.has(name)) return 'takes it';
  if (name === 'setInterval') return { caution: `the callback of setInterval ${EARLIER_BEGINS}` };
  const role = roleAsArgument(argument);
  if (role === 'in a listener') return { caution: `the listener ${EARLIER_BEGINS}` };
  // A server of Node's ends the program in both cases.
  if (role !== undefined && (name === 'createServer' || name === 'createSecureServer')) return 'takes it';
  if (role !== undefined && ADDS_LISTENER.has(name)) return 'takes it';
  if (role !== undefined) return { caution: 'what it throws must be caught: Express 4 does not for async handlers' };
  if (name === 'map' && call.callee.type === 'MemberExpression') return 'map';
  return { caution: `${name} does not wait for its callback` };
}

/** What somebody waits for who takes a value, or the end, of an Observable of rxjs (7) as a promise. */
import { className } from '../waits/objects.ts';
import { outline } from '../waits/outlines.ts';
import { field, hasMethods, objectField, prototypeOf } from './fields.ts';
import { patch } from './patch.ts';

type Until = 'value' | 'end';

/** More operators are not gone through. */
const MAX_OPERATORS = 50;

/** The Observable that values come from in the first place. */
function originOf(observable: object): object {
  let origin = observable;
  for (let i = 0; i < MAX_OPERATORS; i++) {
    const source = objectField(origin, 'source');
    if (source === undefined) return origin;
    origin = source;
  }
  return origin;
}

function note(promise: unknown, observable: unknown, until: Until): void {
  if (typeof observable !== 'object' || observable === null) return;
  const origin = originOf(observable);
  const emitter = className(origin) ?? 'Observable';
  const piped = origin === observable ? {} : { piped: true as const };
  outline(promise, { kind: 'event', library: 'rxjs', until, emitter, ...piped });
}

/** Functions of a file, and methods of the class in another: looks for them among what the module exports. */
export function watchRxjs(exports: object): void {
  for (const [name, until] of [
    ['firstValueFrom', 'value'],
    ['lastValueFrom', 'end'],
  ] as const) {
    if (typeof field(exports, name) !== 'function') continue;
    patch(exports, name, { begin: (_, [observable]) => observable, end: (result, from) => note(result, from, until) });
  }
  const prototype = prototypeOf(field(exports, 'Observable'));
  if (!hasMethods(prototype, 'subscribe', 'toPromise', 'forEach', 'lift')) return;
  for (const name of ['toPromise', 'forEach'])
    patch(prototype, name, { begin: () => {}, end: (result, _, observable) => note(result, observable, 'end') });
}

/** What somebody waits for who takes a value, or the end, of an Observable of rxjs (7) as a promise. */
import { className } from '../waits/objects.ts';
import { outline, type Gives } from '../waits/outlines.ts';
import { field, objectField } from './fields.ts';
import { patch } from './patch.ts';

type Until = 'value' | 'end';

/** More of them around each other are not gone through. */
const MAX_HOPS = 50;

/** The Observable itself, or the Subject that only shows itself as one (`asObservable`). */
function originOf(observable: object): object {
  let origin = observable;
  for (let i = 0; i < MAX_HOPS; i++) {
    const source = objectField(origin, 'source');
    const isMere = className(origin) === 'Observable' && field(origin, '_subscribe') === undefined;
    if (source === undefined || !isMere || field(origin, 'operator') !== undefined) return origin;
    origin = source;
  }
  return origin;
}

const textOf = Function.prototype.toString;

/** Made by `timer` or `interval`: the one timer that its subscription sets is its own. */
function isTimer(origin: object): boolean {
  const subscribe = field(origin, '_subscribe');
  if (typeof subscribe !== 'function') return false;
  const text = textOf.call(subscribe);
  return text.includes('scheduler.schedule(function') && text.includes('<= intervalDuration');
}

/** Operators look all alike: values may come from another Observable (`switchMap`) when the one before has long been over, so that one is not named. */
function note(promise: unknown, observable: unknown, until: Until): void {
  if (typeof observable !== 'object' || observable === null) return;
  const origin = originOf(observable);
  const isPiped = field(origin, 'operator') !== undefined;
  const emitter = isPiped ? 'Observable' : (className(origin) ?? 'Observable');
  const piped = isPiped ? { piped: true as const } : {};
  // An interval has no end.
  const isOwn = until === 'value' && isTimer(origin);
  const gives: Gives = isPiped ? 'nothing' : isOwn ? 'all' : 'others';
  outline(promise, { kind: 'event', library: 'rxjs', until, emitter, ...piped }, gives);
}

/** Looks for the functions among what a module of the package exports. `toPromise` and `forEach` are left alone: they have no names in what Node loads, and to keep what stacks call them would put an object behind their prototype. */
export function watchRxjs(exports: object): void {
  for (const [name, until] of [
    ['firstValueFrom', 'value'],
    ['lastValueFrom', 'end'],
  ] as const) {
    if (typeof field(exports, name) !== 'function') continue;
    patch(exports, name, { begin: (_, [observable]) => observable, end: (result, from) => note(result, from, until) });
  }
}

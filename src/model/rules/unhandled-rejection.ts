/** `unhandled-rejection`: a promise was rejected, and nobody handled it by the time Node gave up. */
import type { Origin, Rejection } from '../../protocol/rejections.ts';
import type { Finding } from '../../protocol/report.ts';
import { placeOf } from '../place.ts';
import type { Sources } from '../sources.ts';
import { countOf } from '../wording/wording.ts';
import { functionAt } from '../source/call-writing.ts';
import { mayBeModule } from '../source/function-names.ts';
import type { Rule } from './rule.ts';

/** One finding per rejection, at the user's line nearest to the error, with the calls that awaited it and who began them as related; and one per line that handled some too late. */
export const unhandledRejection: Rule = ({ program: { snapshot }, sources }) =>
  (snapshot?.rejections ?? []).flatMap((rejection) =>
    rejection.handledLate === undefined ? unhandled(rejection, sources) : handledLate(rejection, sources),
  );

function unhandled(rejection: Rejection, sources: Sources): Finding {
  const { stack, origins = [] } = rejection;
  const place = placeOf(stack, sources);
  const last = stack.findLast((frame) => sources.isUser(frame) && mayReturnPromise(frame, sources));
  const start = last === undefined ? undefined : placeOf([last], sources)?.name;
  return {
    rule: 'unhandled-rejection',
    severity: 'error',
    confidence: 'proved',
    message: `Nobody handled the rejection: ${reasonOf(rejection).replace(/\.$/, '')}. ${advice(start)}`,
    ...(place?.location === undefined ? {} : { location: place.location }),
    related: [
      ...chainOf(stack, sources),
      ...origins.flatMap((origin) => originOf(origin, origins.length > 1, sources)),
    ],
    data: { error: rejection.error ?? '', atMs: rejection.atMs },
  };
}

function handledLate({ stack, handledLate: count = 1, atMs }: Rejection, sources: Sources): Finding[] {
  const place = placeOf(stack, sources);
  if (place?.location === undefined || place.library !== undefined) return [];
  const times = count === 1 ? '' : ` (${countOf(count, 'time')})`;
  return [
    {
      rule: 'unhandled-rejection',
      severity: 'warning',
      confidence: 'proved',
      message: `A rejection was handled here too late: Node had already told of it as unhandled${times}, which by default ends the program. Await the promise, or add a catch to it, before anything else is awaited; Promise.all does that for several.`,
      location: place.location,
      related: [],
      data: { count, atMs },
    },
  ];
}

/** Of the first call that is not on the stack any more. */
function originOf({ stack }: Origin, isOneOfMany: boolean, sources: Sources): Finding['related'] {
  const users = stack.filter((frame) => sources.isUser(frame));
  return users.slice(0, isOneOfMany ? 1 : users.length).flatMap((frame) => {
    const place = placeOf([frame], sources);
    if (place?.location === undefined) return [];
    const what = frame.isAsync === true ? 'awaits it here' : 'calls it here';
    return [{ message: `${place.name} ${isOneOfMany ? 'may have called it here' : what}`, location: place.location }];
  });
}

function reasonOf({ error, message }: Rejection): string {
  const text = message.split('\n', 1)[0] ?? '';
  return [error, text].filter((part) => part !== undefined && part !== '').join(': ') || 'without a reason';
}

/** A listener or another function that is not asynchronous may have called what nobody awaits. */
function mayReturnPromise(frame: Rejection['stack'][number], sources: Sources): boolean {
  const location = frame.isAsync === true ? undefined : placeOf([frame], sources)?.location;
  return location === undefined || functionAt(location, sources)?.isAsync !== false;
}

/** The outermost call is the one that nobody awaited, or whose caller has no `catch` either. */
function advice(start: string | undefined): string {
  if (start === undefined || mayBeModule(start)) return 'Await the promise and catch the error, or add a catch to it.';
  return `Await what ${start} returns and catch the error, or add a catch to it.`;
}

function chainOf(stack: Rejection['stack'], sources: Sources): Finding['related'] {
  const users = stack.filter((frame) => sources.isUser(frame));
  return users.slice(1).flatMap((frame) => {
    const place = placeOf([frame], sources);
    if (place?.location === undefined) return [];
    const what = frame.isAsync ? 'awaited it here' : 'called it here';
    return [{ message: `${place.name} ${what}`, location: place.location }];
  });
}

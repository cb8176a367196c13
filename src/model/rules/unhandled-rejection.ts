/** `unhandled-rejection`: a promise was rejected, and nobody handled it by the time Node gave up. */
import type { Rejection } from '../../protocol/rejections.ts';
import type { Finding } from '../../protocol/report.ts';
import { placeOf } from '../place.ts';
import type { Sources } from '../sources.ts';
import type { Rule } from './rule.ts';

/** One finding per rejection, at the user's line nearest to the error; the calls that awaited it as related. */
export const unhandledRejection: Rule = ({ program: { snapshot }, sources }) =>
  (snapshot?.rejections ?? []).map((rejection) => {
    const { stack } = rejection;
    const place = placeOf(stack, sources);
    const last = stack.findLast((frame) => sources.isUser(frame));
    const start = last === undefined ? undefined : placeOf([last], sources)?.name;
    return {
      rule: 'unhandled-rejection',
      severity: 'error',
      confidence: 'proved',
      message: `Nobody handled the rejection: ${reasonOf(rejection)}. ${advice(start)}`,
      ...(place?.location === undefined ? {} : { location: place.location }),
      related: chainOf(stack, sources),
      data: { error: rejection.error ?? '', atMs: rejection.atMs },
    };
  });

function reasonOf({ error, message }: Rejection): string {
  const text = message.split('\n', 1)[0] ?? '';
  return [error, text].filter((part) => part !== undefined && part !== '').join(': ') || 'without a reason';
}

/** The outermost call is the one that nobody awaited, or whose caller has no `catch` either. */
function advice(start: string | undefined): string {
  if (start === undefined || start === '(anonymous)')
    return 'Await the promise and catch the error, or add a catch to it.';
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

/** Tells waits of `node:timers/promises`: for the ticks of `setInterval`, whose generator makes its timer when it is first asked, and those with a signal. */
import timersPromises from 'node:timers/promises';
import type { WaitSource } from '../promises/promise-record.ts';
import type { ResourceRecord } from '../resources/resource-record.ts';
import { lastResource } from '../resources/resources.ts';
import { expectPromiseTimer } from '../resources/ties.ts';
import { settles, weak, withAbort } from './call-wait.ts';
import { watchGenerator } from './generators.ts';
import { observe, type Call } from './observe.ts';
import { abortOf, hasDeadlines, signalOf } from './signals.ts';

/** The wait for a timer that a signal can end. */
function timerWait(timer: () => ResourceRecord | undefined, signal: object | undefined): WaitSource {
  const abort = weak(signal);
  return {
    fromPromiseFunction: false,
    isStep: false,
    isOfCall: true,
    isWhole: () => true,
    isOver: () => false,
    describe() {
      const wait = timer()?.describe();
      return wait && { ...wait, facts: withAbort(wait.facts, abortOf(abort())) };
    },
  };
}

function interval({ args: [, , options], result }: Call): void {
  let before: ResourceRecord | undefined;
  let timer: ResourceRecord | undefined;
  const wait = timerWait(() => timer, signalOf(options));
  watchGenerator(result, {
    called() {
      before = lastResource();
    },
    returned() {
      const made = lastResource();
      if (timer === undefined && made !== before && made?.type === 'Timeout') timer = made;
      return timer && wait;
    },
  });
}

/** Without a signal the timer itself tells all. */
function slept({ args: [, , options], result }: Call): void {
  const signal = signalOf(options);
  if (signal === undefined) return;
  const timer = lastResource();
  if (timer?.type !== 'Timeout') return;
  settles(
    result,
    timerWait(() => timer, signal),
  );
}

/** Starts telling; call before the program's own code runs. */
export function watchIntervals(): void {
  observe(timersPromises, 'setTimeout', {
    isWanted() {
      expectPromiseTimer();
      return hasDeadlines();
    },
    returned: slept,
  });
  observe(timersPromises, 'setInterval', { returned: interval });
}

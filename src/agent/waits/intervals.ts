/** Tells waits for the ticks of `setInterval` of `node:timers/promises`, whose generator makes its timer when it is first asked. */
import timersPromises from 'node:timers/promises';
import type { ResourceRecord } from '../resource-record.ts';
import { lastResource } from '../resources.ts';
import { callWait } from './call-wait.ts';
import { watchGenerator } from './generators.ts';
import { observe, type Call } from './observe.ts';

function interval({ result }: Call): void {
  let before: ResourceRecord | undefined;
  let timer: ResourceRecord | undefined;
  const wait = callWait(() => timer?.describe()?.facts);
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

/** Starts telling; call before the program's own code runs. */
export function watchIntervals(): void {
  observe(timersPromises, 'setInterval', { returned: interval });
}

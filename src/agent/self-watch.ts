/** Watches a thread from within, for `async-lens run`, where no other thread can: a worker, or a main thread in which Node opens no inspector session. */
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers';
import { SLICE_MS } from '../protocol/slices.ts';
import type { WatchOptions } from '../protocol/watch.ts';
import type { Spool } from './carriers/spool.ts';
import { guarded } from './faults.ts';
import { lookIfIdle } from './rest/unwatched.ts';
import { ownSlice, ownSnapshot } from './requests.ts';
import { activity } from './tracking.ts';

/** Between two looks whether there is something new. Milliseconds. */
const TICK_MS = 250;
/** Between two slices of a snapshot. Milliseconds. */
const PAUSE_MS = 10;
/** Between two snapshots; more when they take long, and a second more for each megabyte told. Milliseconds. */
const SNAPSHOT_EVERY_MS = 1000;
const DUTY = 10;
const SLOWER_MS_PER_BYTE = 1e-3;
/** Nobody but the end waits for the last snapshot. Milliseconds. */
const LAST_PROBE_MS = 10_000;

/**
 * Call before anything is recorded: the two timers are nobody's business then. They keep nothing alive and are used again and again, so that the program's own
 * hooks hear of no new ones. A thread whose loop is blocked is not seen after that; what is known of it is its state before.
 */
export function watchSelf({ durationMs }: WatchOptions, spool: Spool): void {
  const begun = performance.now();
  let seen = -1;
  let nextMs = 0;
  let taking = false;
  let workMs = 0;
  let bytes = 0;

  function takeLast(): void {
    spool.send({ event: 'last-snapshot-begun' });
    spool.send({ event: 'snapshot', snapshot: ownSnapshot(LAST_PROBE_MS), last: true });
  }

  function goOn(): void {
    const startMs = performance.now();
    const snapshot = ownSlice(SLICE_MS);
    workMs += performance.now() - startMs;
    if ('done' in snapshot) {
      slice.refresh();
      return;
    }
    taking = false;
    bytes += spool.send({ event: 'snapshot', snapshot });
    nextMs = performance.now() + Math.max(SNAPSHOT_EVERY_MS, DUTY * workMs, bytes * SLOWER_MS_PER_BYTE);
  }

  function look(): void {
    const now = performance.now();
    if (durationMs !== null && now - begun >= durationMs) {
      takeLast();
      return;
    }
    tick.refresh();
    lookIfIdle();
    if (taking || now < nextMs || activity() === seen) return;
    seen = activity();
    taking = true;
    workMs = 0;
    goOn();
  }

  const slice = setTimeout(() => {
    if (taking) guarded('snapshot', goOn, undefined);
  }, PAUSE_MS).unref();
  const tick = setTimeout(() => guarded('watch', look, undefined), TICK_MS).unref();
}

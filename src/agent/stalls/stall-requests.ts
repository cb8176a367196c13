/** Counts the HTTP requests that the program's servers take in right after a stall: they came while it lasted. */
import diagnosticsChannel from 'node:diagnostics_channel';
import { guarded } from '../faults.ts';
import { readLoop, type LoopReading } from './loop.ts';

const CHANNEL = 'http.server.request.start';
/** A connection that was made meanwhile is accepted in one turn and read in the next; libuv accepts one in each turn. */
const TURNS = 2;
/** Once the loop has been idle for so long, all that was there has been taken in. Milliseconds. */
const IDLE_MS = 20;
/** What comes so long after the end may be new. Milliseconds. */
const MAX_MS = 250;
const MAX_STALLS = 8;

const counts = new Map<number, number>();
/** The stall after which requests are counted. */
let counted: { stall: number; at: LoopReading } | undefined;
let subscribed = false;

/** Whether what comes now may have come during the stall. */
function isSoon({ stall, at }: NonNullable<typeof counted>): boolean {
  const { turn, idleMs, nowMs } = readLoop();
  const turns = TURNS + requestsAfter(stall);
  return turn - at.turn <= turns && idleMs - at.idleMs < IDLE_MS && nowMs - at.nowMs < MAX_MS;
}

function onRequest(): void {
  if (counted === undefined) return;
  guarded(
    'requests after a stall',
    () => {
      if (counted === undefined) return;
      const { stall } = counted;
      if (isSoon(counted)) counts.set(stall, requestsAfter(stall) + 1);
      else counted = undefined;
    },
    undefined,
  );
}

/** From now on, and until some turns of the loop after this one, requests are counted for this stall. */
export function countRequests(stall: number): void {
  if (!subscribed) diagnosticsChannel.subscribe(CHANNEL, onRequest);
  subscribed = true;
  counted = { stall, at: readLoop() };
  for (const id of counts.keys()) if (counts.size > MAX_STALLS) counts.delete(id);
}

/**
 * Stops to listen when there is nothing more to count, and says whether that is so; not at once, because Node 20 passes over other listeners when one goes
 * while it tells them.
 */
export function stopCounting(): boolean {
  if (!subscribed) return true;
  if (counted !== undefined && isSoon(counted)) return false;
  diagnosticsChannel.unsubscribe(CHANNEL, onRequest);
  subscribed = false;
  counted = undefined;
  return true;
}

/** Counted for this stall so far. */
export function requestsAfter(stall: number): number {
  return counts.get(stall) ?? 0;
}

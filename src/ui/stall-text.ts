/** Says in words what blocks the event loop, for the status bar, the tree and the end of the line alike. Pure. */
import { countOf } from '../model/wording/amounts.ts';
import { shortDuration } from './duration.ts';

/** A stall that goes on; times are milliseconds of one clock. */
interface Told {
  sinceMs: number;
  /** When it was last told. */
  toldMs: number;
  api?: string;
  location?: { function?: string };
}

/** The adapter repeats itself several times a second; after such a silence the time is a guess. Milliseconds. */
const SURE_MS = 1000;

/** "blocked for 1.2 s in crypto.pbkdf2Sync"; "about" where nothing was heard for a while. */
export function blockedText(stall: Told, nowMs: number): string {
  const about = nowMs - stall.toldMs > SURE_MS ? 'about ' : '';
  return `blocked for ${about}${shortDuration(Math.max(0, nowMs - stall.sinceMs))} in ${culpritText(stall)}`;
}

/** The call, else "JavaScript (countPrimes)". */
function culpritText({ api, location }: Pick<Told, 'api' | 'location'>): string {
  if (api !== undefined) return api;
  return location?.function === undefined ? 'JavaScript' : `JavaScript (${location.function})`;
}

/** "blocked 2.31 s · 3 times, 4.1 s in all": the last time, and all of them when there were several. */
export function blockedOnceText({
  lastMs,
  count,
  totalMs,
}: {
  lastMs: number;
  count: number;
  totalMs: number;
}): string {
  const once = `blocked ${lastMs < 1000 ? shortDuration(lastMs) : `${(lastMs / 1000).toFixed(2)} s`}`;
  return count < 2 ? once : `${once} · ${countOf(count, 'time')}, ${shortDuration(totalMs)} in all`;
}

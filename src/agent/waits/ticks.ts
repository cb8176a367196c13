/** Knows how late an interval last fired, from when it began to wait at two looks: Node notes that anew at each tick (`Timeout._idleStart`, Node 20 to 26). */

interface Seen {
  startMs: number;
  lateMs: number | undefined;
}

const seen = new WeakMap<object, Seen>();

/**
 * How late the last tick came, in milliseconds; undefined when that is not known. `startMs`: since when the interval waits for its next tick, on any clock.
 * Certain only when one tick lies between two looks: two ticks are at least two periods apart. So intervals much shorter than the time between looks stay unknown.
 */
export function tickDelay(timer: object, startMs: number, periodMs: number): number | undefined {
  const before = seen.get(timer);
  if (before?.startMs === startMs) return before.lateMs;
  const passed = before === undefined ? 0 : startMs - before.startMs;
  const lateMs = passed >= periodMs && passed < 2 * periodMs ? Math.round(passed - periodMs) : undefined;
  seen.set(timer, { startMs, lateMs });
  return lateMs;
}

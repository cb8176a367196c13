/** How `async-lens run` asks the processes of a run to watch themselves. */
import type { ProfilerMode } from './profile.ts';

/** File in the folder of the event files with {@link WatchOptions} as JSON; absent where a debugger client watches. */
export const WATCH_FILE = 'watch.json';

/** `durationMs`: take a last snapshot after that time, which began at `sinceMs` (milliseconds since the epoch); absent: when the process started. */
export interface WatchOptions {
  durationMs: number | null;
  sinceMs?: number;
  /** Look for dead awaits again and again, and however long that takes. */
  findDeadAwaits?: boolean;
  /** Absent: `auto`. */
  profiler?: ProfilerMode;
}

/** How `async-lens run` asks the processes of a run to watch themselves. */
import type { ProfilerMode } from './profile.ts';

/** File in the folder of the event files with {@link WatchOptions} as JSON; absent where a debugger client watches. */
export const WATCH_FILE = 'watch.json';

/** `durationMs`: take a last snapshot at that time. */
export interface WatchOptions {
  durationMs: number | null;
  /** Look for dead awaits again and again, and however long that takes. */
  findDeadAwaits?: boolean;
  /** Absent: `auto`. */
  profiler?: ProfilerMode;
}

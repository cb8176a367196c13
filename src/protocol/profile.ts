/** What V8's CPU profiler tells of a stall, and when it runs. */
import type { Frame } from './agent.ts';

/** `auto`: after two stalls that neither a timed call nor a stack explains, until the next one. `on`: all the time. `off`: never. */
export type ProfilerMode = 'auto' | 'on' | 'off';

/** As named in settings and on the command line. */
export const PROFILER_MODES: readonly ProfilerMode[] = ['auto', 'on', 'off'];

/** Whether that is one of {@link PROFILER_MODES}. */
export function isProfilerMode(value: unknown): value is ProfilerMode {
  return PROFILER_MODES.some((mode) => mode === value);
}

/** A function and the time spent in its own code or in native code that it called, milliseconds. */
export interface HotFunction {
  frame: Frame;
  ms: number;
}

/** The samples of one stall. */
export interface StallProfile {
  /** Time for which there are samples, milliseconds. */
  sampledMs: number;
  /** Part of it spent in garbage collections, milliseconds. */
  garbageMs: number;
  /** At most five, the costliest first. */
  functions: HotFunction[];
}

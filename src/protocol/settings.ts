/** Thresholds and rule severities: the defaults, and the shape in which settings travel from the editor to the adapter. */
import type { ProfilerMode } from './profile.ts';
import type { RuleId, Severity } from './report.ts';

export interface LensSettings {
  /** A turn of the loop longer than this is told at that severity, milliseconds (default 50, 100, 1000; 100 is asyncio's slow_callback_duration). */
  stall: {
    infoMs: number;
    warningMs: number;
    errorMs: number;
    /** When V8's CPU profiler explains stalls; absent: `auto`. */
    profiler?: ProfilerMode;
  };
  /** A blocking call is told from `minMs` milliseconds on, or from `minCount` calls at one line; `strict`: every call. */
  blockingCall: { minMs: number; minCount: number; strict: boolean };
  /** An await of a request, a look-up, a file or a lock is told from this time on, milliseconds. */
  longWait: { minMs: number };
  /** Severity of a rule, or `off`; absent: the rule's own. */
  rules: Partial<Record<RuleId, Severity | 'off'>>;
  /** When the JavaScript debugger is to stop the program: in a stall of `blockedMs` milliseconds, before each blocking call. Absent: never. */
  stops?: { blockedMs?: number; beforeCalls?: boolean };
}

export const DEFAULT_SETTINGS: LensSettings = {
  stall: { infoMs: 50, warningMs: 100, errorMs: 1000 },
  blockingCall: { minMs: 10, minCount: 3, strict: false },
  longWait: { minMs: 5000 },
  rules: {},
};

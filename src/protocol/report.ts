/** The report, format version 1: the JSON of `async-lens run --json` and of the DAP request `asyncLens/report`. */
import type { WaitKind, StallKind, Confidence } from './agent.ts';

export const REPORT_VERSION = 1;

/** A place in the user's sources, after source maps: absolute path, line and column start at 1. */
export interface Location {
  file: string;
  line: number;
  column: number;
  function?: string;
}

export interface ReportTask {
  id: string;
  name: string;
  state: 'waiting';
  count: number;
  /** Of the oldest member, milliseconds. */
  ageMs: number;
  location?: Location;
  waitingOn?: {
    kind: WaitKind;
    detail: string;
    confidence: 'exact' | 'inferred';
    location?: Location;
    /** Ids of the tasks that have the lock, connection or place in a queue that this one waits for. */
    holders?: string[];
  };
  spawnedBy?: string;
  children: ReportTask[];
}

export interface ReportStall {
  startMs: number;
  durationMs: number;
  kind: StallKind;
  api?: string;
  location?: Location;
  stack: Location[];
  confidence: Confidence;
  count: number;
}

export interface ReportBlockingCall {
  api: string;
  location?: Location;
  count: number;
  totalMs: number;
  maxMs: number;
}

export interface KeepAlive {
  kind: WaitKind;
  detail: string;
  location?: Location;
  task?: string;
}

/** Rules this version knows; names are those of the settings and of the ignore comment. */
export const RULE_IDS = [
  'event-loop-stall',
  'blocking-call',
  'await-cycle',
  'pending-at-exit',
  'unsettled-top-level-await',
] as const;
export type RuleId = (typeof RULE_IDS)[number];

export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  rule: RuleId;
  severity: Severity;
  /** `proved` means proved. */
  confidence: 'proved' | 'likely';
  message: string;
  location?: Location;
  related: { message: string; location?: Location }[];
  data: Record<string, string | number | boolean>;
}

export interface Report {
  version: typeof REPORT_VERSION;
  tool: { name: 'async-lens'; version: string };
  process: {
    pid: number;
    node: string;
    argv: string[];
    cwd: string;
    exitCode: number | null;
    signal: string | null;
    /** ISO 8601. */
    startTime: string;
    durationMs: number;
  };
  loop: { utilization: number; delayMs: { p50: number; p99: number; max: number } };
  counts: { pendingTasks: number; peakPendingTasks: number; promisesCreated: number; droppedEvents: number };
  tasks: ReportTask[];
  stalls: ReportStall[];
  blockingCalls: ReportBlockingCall[];
  keepAlive: KeepAlive[];
  findings: Finding[];
}

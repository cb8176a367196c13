/** The report, format version 1: the JSON of `async-lens run --json` and of the DAP request `asyncLens/report`. */
import type { WaitKind, StallKind, Confidence } from './agent.ts';
import type { TaskState } from './tasks.ts';

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
  /** Of a request `GET /orders/17`, what the program calls it, or its function. */
  name: string;
  state: TaskState;
  count: number;
  /** Of the oldest member, milliseconds. */
  ageMs: number;
  /** It was there before Async Lens came: it is older than that, nobody knows by how much. */
  fromBefore?: true;
  location?: Location;
  waitingOn?: {
    kind: WaitKind;
    detail: string;
    confidence: 'exact' | 'inferred';
    location?: Location;
    /** Ids of the tasks that have the lock, connection or place in a queue that this one waits for. */
    holders?: string[];
  };
  /** Id of the task that started it, pending or ended; absent when that is not known or when several did. */
  spawnedBy?: string;
  /** Where the oldest member known was started; with the setting `asyncLens.creationStacks`. */
  startedAt?: Location;
  /** How often its code went on after an await; of equal tasks the most. */
  resumptions?: number;
  /** Time for which its code ran, by samples; milliseconds. */
  busyMs?: number;
  children: ReportTask[];
}

/** A task that is over, of those that were seen while they were pending. */
export interface ReportEndedTask {
  id: string;
  name: string;
  /** Absent when it is not known. */
  outcome?: 'fulfilled' | 'rejected' | 'cancelled';
  /** Name and message of what it was rejected with. */
  error?: string;
  /** Since the start of the process, milliseconds. */
  startMs: number;
  durationMs: number;
  resumptions: number;
  busyMs?: number;
  /** Where it awaited last. */
  location?: Location;
  /** Absent: exact. `inferred`: most likely it was this task that ended. */
  confidence?: 'inferred';
}

export interface ReportStall {
  startMs: number;
  durationMs: number;
  kind: StallKind;
  api?: string;
  /** What that call was asked to do, without content: a path, a size. */
  detail?: string;
  /** How long it had lasted when it was first told, while it still lasted. */
  toldAfterMs?: number;
  /** The machine gave the process too little processor time. */
  overloaded?: boolean;
  location?: Location;
  stack: Location[];
  confidence: Confidence;
  count: number;
  /** Of all equal ones together. */
  totalMs: number;
  /** Where the time went of the longest during which the CPU profiler ran: self time, the costliest functions first. */
  profile?: { sampledMs: number; garbageMs: number; functions: { location?: Location; name: string; ms: number }[] };
  /** What had to wait because of the longest of them, as far as known. */
  effects?: ReportEffects;
}

/** What had to wait because of a stall; equal things together. */
export interface ReportEffects {
  tasks: { count: number; location?: Location }[];
  timers: { detail: string; lateMs: number; count: number; location?: Location }[];
  /** To HTTP servers of the program. */
  requests: number;
}

export interface ReportBlockingCall {
  api: string;
  /** What the longest of them was asked to do. */
  detail?: string;
  location?: Location;
  count: number;
  totalMs: number;
  maxMs: number;
}

/** Equal work in libuv's thread pool. */
export interface ReportPoolWork {
  kind: WaitKind;
  detail: string;
  count: number;
  /** Of the oldest, milliseconds. */
  ageMs: number;
  location?: Location;
  /** Ids of the tasks that wait for it. */
  tasks?: string[];
}

/** libuv's thread pool; who has a thread is inferred from the order of the work. */
export interface ReportThreadPool {
  size: number;
  busy: number;
  waiting: number;
  running: ReportPoolWork[];
  queued: ReportPoolWork[];
  /** Times in which work waited for a thread for 50 ms or longer. */
  saturation?: { count: number; totalMs: number; worstMs: number };
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
  'dead-await',
  'await-cycle',
  'lock-cycle',
  'pending-at-exit',
  'unsettled-top-level-await',
  'threadpool-saturated',
  'late-timer',
  'unhandled-rejection',
  'floating-promise',
  'long-wait',
  'unbounded-concurrency',
  'timer-leak',
  'listener-leak',
  'race-retention',
  'timer-overflow',
  'serial-awaits',
  'microtask-starvation',
  'busy-polling',
  'stalled-job',
] as const;
export type RuleId = (typeof RULE_IDS)[number];

export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  rule: RuleId;
  severity: Severity;
  /** `proved` means proved. */
  confidence: 'proved' | 'likely';
  /** How many equal ones it stands for; absent: one. */
  count?: number;
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
    /** Of a worker thread, which belongs to that process. */
    threadId?: number;
    node: string;
    argv: string[];
    cwd: string;
    exitCode: number | null;
    signal: string | null;
    /** ISO 8601. */
    startTime: string;
    durationMs: number;
  };
  /** `notStarted`: the event loop has not, so far. */
  loop: { utilization: number; notStarted?: true; delayMs: { p50: number; p99: number; max: number } };
  counts: { pendingTasks: number; peakPendingTasks: number; promisesCreated: number; droppedEvents: number };
  tasks: ReportTask[];
  /** The last 1000, newest first; only those that lived long enough to be seen. */
  ended?: ReportEndedTask[];
  stalls: ReportStall[];
  blockingCalls: ReportBlockingCall[];
  keepAlive: KeepAlive[];
  /** Absent while nothing is in it and nothing ever had to wait for it. */
  threadPool?: ReportThreadPool;
  findings: Finding[];
  /** Its worker threads, and other processes of the same run with theirs; of `async-lens run` only. */
  others?: Report[];
}

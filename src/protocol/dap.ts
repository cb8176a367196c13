/** The contract between the adapter and a client: launch and attach arguments, custom requests and events. */
import type { Finding, Location, Report, RuleId } from './report.ts';
import type { LensSettings } from './settings.ts';

/** `type` of the adapter's debug sessions. */
export const DEBUG_TYPE = 'async-lens';

/** `launch`: spawn node with the agent and an inspector on a free loopback port. */
export interface LaunchArguments {
  program: string;
  args?: string[];
  cwd?: string;
  /** `null` removes a variable. */
  env?: Record<string, string | null>;
  /** Default `node` from PATH. */
  runtimeExecutable?: string;
  runtimeArgs?: string[];
  settings?: Partial<LensSettings>;
}

/** `attach`: exactly one of `processId`, `url`, `port` and `proxy`. */
export interface AttachArguments {
  /** A process of this machine; its inspector is opened. */
  processId?: number;
  /** WebSocket address of an inspector. */
  url?: string;
  /** Inspector port; the address is asked from `http://host:port/json/list`. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** A CDP proxy of the JavaScript debugger (`extension.js-debug.requestCDPProxy`): events must be subscribed, the session is shared. */
  proxy?: { host: string; port: number; path: string };
  /** With `proxy`: the program may run without the agent, which is loaded into it then. (Always so without `proxy`.) */
  late?: boolean;
  /** With `proxy`: the debugger collects no asynchronous stacks by itself, and is made to while the user steps. */
  stepStacks?: boolean;
  /** Shortest time between two polls, milliseconds: for worker threads, whose messages the main thread has to pass on. Default: as stalls need it. */
  pollMs?: number;
  /** Of a worker thread, for versions of Node in which the thread itself doesn't know. */
  threadName?: string;
  /** Folder of the event files of this session's processes; tells the end state when the connection is gone. */
  spool?: string;
  settings?: Partial<LensSettings>;
}

/** One line of the task tree as the ui shows it. */
export interface TreeItem {
  /** Stable while the thing lives, so that expansion and selection survive a refresh. */
  id: string;
  kind: 'process' | 'section' | 'task' | 'resource' | 'stall' | 'blocking-call' | 'finding' | 'message';
  label: string;
  description: string;
  /** The label without what a row has no room for; absent when that is the same. */
  title?: string;
  /** The description with what matters first, for a view that cuts it off; absent when that is the same. */
  summary?: string;
  tooltip?: string;
  location?: Location;
  /** Id of the task that the line is about, for requests about it. */
  task?: number;
  /** Name of a codicon. */
  icon: string;
  severity?: 'error' | 'warning' | 'info';
  /** Of a finding. */
  rule?: RuleId;
  /** Its children are hidden until the user opens it. */
  collapsed?: boolean;
  children: TreeItem[];
}

/** Answer of `asyncLens/snapshot`: all that the ui shows of one program. */
export interface LensView {
  /** Grows with every change. */
  revision: number;
  /** `paused`: the state of the moment the debugger stopped the program. */
  state: 'running' | 'paused' | 'ended';
  /** Short name of the program. */
  title: string;
  /** A thread of Node's own. */
  internal?: true;
  tree: TreeItem[];
  /** The tree as indented text. */
  text: string;
  findings: Finding[];
  /** `delayMs`: how late the event loop usually is, milliseconds (the median); `loop`: how busy it is and how late, in words. */
  status: { pendingTasks: number; delayMs: number; stallMs?: number; loop?: string };
}

/** Who can settle what a task waits for: proved by a look at the whole heap. */
export interface Retainers {
  /**
   * `held`: the steps lead to who can settle it. `never`: nothing can. `gone`: the task has gone on or ended. `long`: not read, because the program would stand
   * still for `estimateMs`; ask again with `anyway`.
   */
  verdict: 'held' | 'never' | 'gone' | 'long';
  /** The verdict as a sentence. */
  text: string;
  /** Milliseconds, a rough guess; only with `long`. */
  estimateMs?: number;
  confidence: 'exact';
  /** Nearest first. */
  steps: { text: string; location?: Location }[];
}

/** What a search for awaits that can never go on has found. */
export interface DeadAwaitSearch {
  /**
   * `long`: not done, because the program would stand still for `estimateMs`; ask again with `anyway`. `later`: a debugger holds the program; done when it goes
   * on, and what is found comes with the other findings.
   */
  verdict: 'found' | 'none' | 'long' | 'later';
  /** The verdict as a sentence. */
  text: string;
  /** Milliseconds, a rough guess; only with `long`. */
  estimateMs?: number;
  /** Those of the rule `dead-await`, also of earlier searches. */
  findings: Finding[];
}

export interface CustomRequests {
  /** `fresh`: ask the program now instead of giving the last state. */
  'asyncLens/snapshot': { arguments: { fresh?: boolean }; body: LensView };
  'asyncLens/report': { arguments: Record<string, never>; body: Report };
  /** `task`: the id of a task of the last snapshot. Pauses the program while its heap is read; `anyway`: also when that takes long. */
  'asyncLens/retainers': { arguments: { task: number; anyway?: boolean }; body: Retainers };
  /** Has V8 collect all garbage, for which the program stands still, and looks which awaited promises are gone; `anyway`: also when that takes long. */
  'asyncLens/deadAwaits': { arguments: { anyway?: boolean }; body: DeadAwaitSearch };
  /** The editor tells when its debugger holds or releases the program, so that the pause is not taken for a stall; `stepping`: it is to stop again soon. */
  'asyncLens/debuggerState': { arguments: { paused: boolean; stepping?: boolean }; body: Record<string, never> };
  /** The editor tells when its debugger begins to evaluate an expression in the running program, and when none is evaluated any more. */
  'asyncLens/evaluating': { arguments: { evaluating: boolean }; body: Record<string, never> };
  'asyncLens/settings': { arguments: { settings: LensSettings }; body: Record<string, never> };
}

export interface CustomEvents {
  'asyncLens/changed': { revision: number; state: LensView['state'] };
  'asyncLens/stall': { open: boolean; durationMs: number; api?: string; location?: Location };
}

/** User-visible errors of the adapter; the number is the DAP error id. */
export const ERROR_CODES = {
  programMissing: 3001,
  programNotFound: 3002,
  runtimeNotFound: 3003,
  nodeTooOld: 3004,
  agentMissing: 3005,
  inspectorUnreachable: 3006,
  noAgent: 3007,
  versionMismatch: 3008,
  badArguments: 3009,
  launchFailed: 3010,
  notConnected: 3011,
  notSupported: 3012,
  heapUnreadable: 3013,
  noAnswer: 3014,
  programEnded: 3015,
  cannotAttach: 3016,
} as const;

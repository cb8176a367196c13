/** The contract between the agent in the debuggee and whoever listens: events, requests and the snapshot, all plain JSON. */
import type { AsyncStack } from './async-stack.ts';
import type { Counts, LoopStats } from './counts.ts';
import type { DeadAwait } from './dead-awaits.ts';
import type { EndedTask, OutcomesEvent, TaskFacts } from './tasks.ts';
import type { Growth, TimerOverflow } from './growth.ts';
import type { OriginalPosition } from './original-position.ts';
import type { RuleFacts } from './rule-facts.ts';
import type { PollAnswer, PollRequest } from './polls.ts';
import type { ThreadPool } from './thread-pool.ts';
import type { ProfilerMode, StallProfile } from './profile.ts';
import type { Rejection } from './rejections.ts';
import type { StallEffects } from './stall-effects.ts';
import type { WaitFacts } from './waits.ts';

export type { PollAnswer, PollRequest } from './polls.ts';
export type { WaitFacts, WaitKind } from './waits.ts';

/** Raised with every incompatible change; both sides refuse to talk across versions. */
export const PROTOCOL_VERSION = 1;

/** Environment variable naming the folder in which every process and worker writes its own event file (`<pid>-<threadId>.ndjson`). */
export const SPOOL_VARIABLE = 'ASYNC_LENS_SPOOL';

/** Key (for `Symbol.for`) of the non-enumerable global that holds the agent's `AgentEndpoint` (endpoint.ts). */
export const AGENT_SYMBOL = 'async-lens.agent';

/** A position as V8 prints it: `file` is a path, a `file://` URL or `node:` module; line and column start at 1. */
export interface Frame {
  file: string;
  line: number;
  column: number;
  function: string;
  /** Where that was before a loader transformed the file, by a source map that only the program has. */
  original?: OriginalPosition;
  /** A loader has transformed the file, and its source map could not be read yet: line and column are not the user's. */
  isUnmapped?: true;
}

/** Who is speaking. The first event of every process and of every worker thread. */
export interface Hello {
  event: 'hello';
  version: number;
  pid: number;
  ppid: number;
  /** 0 on the main thread. */
  threadId: number;
  /** `process.version`. */
  node: string;
  argv: string[];
  execArgv: string[];
  cwd: string;
  /** Start of the process or thread, milliseconds since the epoch; zero of every `...Ms` time of this protocol. */
  startTime: number;
  /** Of a worker thread, when the program gave it one and Node tells (from 22.20 and 24.6). */
  threadName?: string;
  /** A thread of Node's own: that of the hooks of `module.register`. */
  internal?: true;
  /** WebSocket address of the inspector when it was listening at that moment. */
  inspectorUrl?: string;
}

/** Sent before a synchronous call blocks the thread. */
export interface BlockingBegin {
  event: 'blocking-begin';
  api: string;
  /** As in {@link Stall.detail}. */
  detail?: string;
  atMs: number;
  stack: Frame[];
}

/** `exact`: seen by a wrapper or linked by the API itself. `sampled`: a stack taken during it. `inferred`: likely, by order of events. */
export type Confidence = 'exact' | 'sampled' | 'inferred';

/**
 * `javascript`: one long callback. `callbacks`: many short ones in one turn. `microtasks` and `ticks`: reactions of promises or `process.nextTick`
 * callbacks that keep queueing the next one.
 */
export type StallKind = 'javascript' | 'sync-call' | 'callbacks' | 'gc' | 'microtasks' | 'ticks' | 'startup';

/** A time in which the event loop did not turn. */
export interface Stall {
  id: number;
  kind: StallKind;
  startMs: number;
  durationMs: number;
  /** Still going on: `durationMs` is what has passed so far. */
  open: boolean;
  /** The synchronous call behind it, `module.function`, when known. */
  api?: string;
  /** What that call was asked to do, without content: a path, a size. */
  detail?: string;
  /** There were many such calls; none took half of the time. */
  repeated?: true;
  /** How long it had lasted when it was first told, while it still lasted; absent when nobody was told in time. */
  toldAfterMs?: number;
  /** The machine gave the process too little processor time: the program is not to blame for all of it. */
  overloaded?: boolean;
  /** Processor time that the process got meanwhile, milliseconds; only with {@link Stall.overloaded}. */
  processorMs?: number;
  /** Innermost frame first; library frames included. */
  stack: Frame[];
  /** The stack was taken when the culprit had returned: where the program next entered a function (the innermost frame) or began another round of a loop. */
  after?: true;
  confidence: Confidence;
  /** Only of stalls during which the CPU profiler ran. */
  profile?: StallProfile;
  /** Absent while nothing is known to have waited. */
  effects?: StallEffects;
}

export interface StallEvent {
  event: 'stall';
  stall: Stall;
}

/** All calls of one synchronous API from one line. */
export interface BlockingCall {
  api: string;
  /** What the longest of them was asked to do, as in {@link Stall.detail}. */
  detail?: string;
  stack: Frame[];
  /** Calls after the first turn of the loop. */
  count: number;
  totalMs: number;
  maxMs: number;
  /** Calls during start-up: reported, never warned about. */
  startupCount: number;
}

/** Last event of a thread that ends in an orderly way: its end state, complete. */
export interface ExitEvent {
  event: 'exit';
  exitCode: number;
  /** Listeners of the program for its exit come after this, and any of them may change the code. */
  mayChange?: true;
  /** The loop ran dry (`beforeExit` came last); `false` after `process.exit` or an uncaught exception, absent when unknown. */
  drained?: boolean;
  snapshot: Snapshot;
}

/** A snapshot taken without a request (by the watchdog of `async-lens run`), so that a killed program is reported too. */
export interface SnapshotEvent {
  event: 'snapshot';
  snapshot: Snapshot;
  /** The one that was asked for by `--duration`. */
  last?: true;
}

/** The program is at work on the snapshot that will be its last: it is worth waiting for. */
export interface LastSnapshotBegun {
  event: 'last-snapshot-begun';
}

/** Something failed inside the agent. `fatal`: it has switched itself off. */
export interface Fault {
  event: 'fault';
  message: string;
  fatal: boolean;
}

export type AgentEvent =
  Hello | BlockingBegin | StallEvent | ExitEvent | SnapshotEvent | LastSnapshotBegun | OutcomesEvent | Fault;

/** What will settle a pending promise, as far as known. */
export interface Wait {
  facts: WaitFacts;
  /** `exact`: the API says so; `inferred`: the order of events suggests it. */
  confidence: 'exact' | 'inferred';
  /** Id of the {@link Resource} when it is one of the listed. */
  resource?: number;
}

/** Which combinator a fan-out node stands for. */
export type Combinator = 'all' | 'allSettled' | 'any' | 'race';

/** A pending task, or a group of equal ones; its children are what it awaits. */
export interface TaskNode extends TaskFacts {
  /** Number of the oldest member; stable for its life. */
  id: number;
  /** Numbers of the first members (at most 50), oldest first. */
  ids: number[];
  count: number;
  /** `async`: a suspended async function. `combinator`: `Promise.all` and its kin. `promise`: a pending promise without a function. */
  kind: 'async' | 'combinator' | 'promise';
  /** Where it is suspended: indices into {@link Snapshot.frames}, innermost first; library frames before the user's own are kept. Empty when unknown. */
  frames: number[];
  combinator?: Combinator;
  /** Element index inside the combinator that waits for this task. */
  index?: number;
  /** Ages in milliseconds at the time of the snapshot. */
  oldestMs: number;
  youngestMs: number;
  /** The oldest was there before the agent came: it is older than that, nobody knows by how much. */
  fromBefore?: true;
  /** Only where nothing else is awaited: the end of the chain. */
  wait?: Wait;
  children: TaskNode[];
  /** Async function whose promise nobody awaits. */
  detached?: boolean;
  /** Runs, held by a debugger at this line. */
  held?: boolean;
  /** Id of the ancestor that this task awaits in turn: a deadlock, unless something else settles one of them. */
  cycle?: number;
  /** What it awaits passes on the end of what is shown below, or ahead in the cycle; something else may settle it, as in a time limit written by hand. */
  passed?: true;
  /** `inferred` when more than one caller fitted. */
  confidence: 'exact' | 'inferred';
}

/** A live timer, socket, server...: something that can still wake the program. */
export interface Resource {
  id: number;
  /** `async_hooks` type, such as `Timeout` or `TCPWRAP`. */
  type: string;
  facts: WaitFacts;
  ageMs: number;
  /** As in {@link TaskNode}. */
  fromBefore?: true;
  /** It keeps the process alive. */
  ref: boolean;
  /** Where it was made: indices into {@link Snapshot.frames}, innermost first, when a stack was taken. */
  frames: number[];
}

/** The answer to a `snapshot` with a budget that did not suffice: the program goes on, and the next such request with the work. */
export interface UnfinishedSnapshot {
  done: false;
  /** The program itself has had little to do since the last slice. */
  idle: boolean;
}

/** The state of one thread at one moment; of a large one taken in slices, of the time between the first and the last. */
export interface Snapshot extends RuleFacts {
  version: number;
  /** Milliseconds since {@link Hello.startTime}. */
  atMs: number;
  frames: Frame[];
  tasks: TaskNode[];
  resources: Resource[];
  counts: Counts;
  loop: LoopStats;
  /** Stalls so far, open one last; at most 200, the longest kept. */
  stalls: Stall[];
  blockingCalls: BlockingCall[];
  /** Faults inside the agent so far. */
  faults: string[];
  /** Absent while nothing is in it and nothing ever had to wait for it. */
  threadPool?: ThreadPool;
  /** Newest first, at most 1000. */
  ended?: EndedTask[];
  /** Lines with at least 50 live things of one kind, or 1000 reactions. */
  growth?: Growth[];
  /** By chain of lines; since the start. */
  deadAwaits?: DeadAwait[];
  /** Those that nobody handled; the first 20. */
  rejections?: Rejection[];
  /** Numbers of the worker threads that this thread has started and that are not over. */
  threads?: number[];
  /** By line; since the start. */
  timerOverflows?: TimerOverflow[];
}

/**
 * Requests. `connect`: send events to the global function `binding` (installed with `Runtime.addBinding`) from now on; the buffered ones first.
 * `poll`: tell whether the loop turned; `paused` when the debugger holds the program; `watcherLateMs`: by how much the question itself came too late. `snapshot`: the whole state; with `budgetMs` as far as it can be had
 * in about that time, and further at the next request; else at once, however long the program stands still meanwhile. `asyncStack`: what runs, while a
 * debugger holds the program; ask before the snapshot, which then shows the running task at its line. `profiler`: when it is to explain stalls. `sweep`: nothing is to be kept alive by being watched; `done` at the end of the list.
 */
export type AgentRequest =
  | { request: 'hello' }
  | { request: 'connect'; binding: string }
  | PollRequest
  | { request: 'snapshot'; budgetMs?: number; probeMs?: number }
  | { request: 'asyncStack' }
  | { request: 'sweep' }
  | { request: 'profiler'; mode: ProfilerMode };

export interface AgentAnswers {
  hello: Hello;
  connect: { buffered: number };
  poll: PollAnswer;
  snapshot: Snapshot | UnfinishedSnapshot;
  asyncStack: AsyncStack;
  sweep: { done: boolean };
  profiler: { mode: ProfilerMode };
}

export type AgentResult<T> = { ok: true; value: T } | { ok: false; error: string; busy?: true };

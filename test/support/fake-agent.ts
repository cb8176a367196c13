/**
 * Stands in for the agent inside a launched program: same handshake, events and files, but a state that a test can foresee. The program itself decides through the global
 * `fakeAgent` what is told: `version`, `stall(ms)`, `announce(api)`, `fork()`.
 */
import { appendFileSync } from 'node:fs';
import { url } from 'node:inspector';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type {
  AgentAnswers,
  AgentEvent,
  AgentRequest,
  Frame,
  Hello,
  Snapshot,
  TaskNode,
} from '../../src/protocol/agent.ts';

const startTime = Date.now() - performance.now();
const spool = process.env['ASYNC_LENS_SPOOL'];
const program = process.argv[1] ?? '';
const buffered: AgentEvent[] = [];
let send: ((json: string) => void) | undefined;
let activity = 1;
let slices = 0;
let onSlice: (left: number) => void = () => {};
let stalls = 0;

const frames: Frame[] = [
  { file: 'node:timers/promises', line: 42, column: 5, function: 'setTimeout' },
  { file: program, line: 2, column: 3, function: 'child' },
  { file: program, line: 6, column: 5, function: 'parent' },
];

function task(id: number, own: Partial<TaskNode>): TaskNode {
  const base = { id, ids: [id], count: 1, kind: 'async' as const, oldestMs: 1200, youngestMs: 1200 };
  return { ...base, frames: [], children: [], confidence: 'exact', ...own };
}

function snapshot(): Snapshot {
  const timer = { facts: { kind: 'timer' as const, api: 'setTimeout' as const, delayMs: 5000, leftMs: 3800 } };
  const child = task(2, { count: 3, frames: [0, 1], wait: { ...timer, confidence: 'exact' } });
  const all = task(4, { kind: 'combinator', combinator: 'all', children: [child] });
  return {
    version: 1,
    atMs: performance.now(),
    frames,
    tasks: [task(1, { frames: [2], children: [all] })],
    resources: [],
    counts: { pendingTasks: 4, peakPendingTasks: 4, pendingPromises: 9, promisesCreated: 20, droppedEvents: 0 },
    loop: { utilization: 0.1, delayMs: { p50: 1, p99: 2, max: 3 } },
    stalls: [],
    blockingCalls: [],
    faults: [],
  };
}

function hello(): Hello {
  const inspectorUrl = url();
  return {
    event: 'hello',
    version: Number(process.env['FAKE_AGENT_VERSION'] ?? 1),
    pid: process.pid,
    ppid: process.ppid,
    threadId,
    node: process.version,
    argv: process.argv,
    execArgv: process.execArgv,
    cwd: process.cwd(),
    startTime,
    ...(inspectorUrl === undefined ? {} : { inspectorUrl }),
  };
}

function emit(event: AgentEvent): void {
  if (send === undefined) buffered.push(event);
  else send(JSON.stringify([event]));
}

function record(event: AgentEvent): void {
  if (spool !== undefined)
    appendFileSync(join(spool, `${process.pid}-${threadId}.ndjson`), `${JSON.stringify(event)}\n`);
}

function connect(binding: string): { buffered: number } {
  send = Reflect.get(globalThis, binding) as (json: string) => void;
  Reflect.deleteProperty(globalThis, binding);
  const count = buffered.length;
  if (count > 0) send(JSON.stringify(buffered.splice(0)));
  return { buffered: count };
}

function answer(request: AgentRequest): AgentAnswers[keyof AgentAnswers] {
  switch (request.request) {
    case 'hello':
      return hello();
    case 'connect':
      return connect(request.binding);
    case 'poll':
      return { atMs: performance.now(), activity, pendingTasks: 4 };
    case 'snapshot':
      if (process.env['FAKE_AGENT_HANGS'] === '1') for (;;);
      if (slices === 0 || request.budgetMs === undefined) return snapshot();
      onSlice(--slices);
      return { done: false, idle: true };
    case 'asyncStack':
      return { frames: [], parts: [] };
    case 'sweep':
      return { done: true };
    case 'profiler':
      return { mode: request.mode };
  }
}

const endpoint = {
  request: (json: string) => JSON.stringify({ ok: true, value: answer(JSON.parse(json) as AgentRequest) }),
};
const frame = (line: number): Frame => ({ file: program, line, column: 1, function: 'block' });
const controls = {
  change: () => void activity++,
  /** So many answers to come say that the state is not complete; `told` hears how many are left. */
  slices(count: number, told: typeof onSlice) {
    slices = count;
    onSlice = told;
  },
  announce: (api: string) => emit({ event: 'blocking-begin', api, atMs: performance.now(), stack: [frame(9)] }),
  stall(durationMs: number, kind: 'javascript' | 'startup' = 'javascript') {
    const stall = { id: ++stalls, kind, startMs: 10, durationMs, open: false, confidence: 'sampled' as const };
    emit({ event: 'stall', stall: { ...stall, stack: [frame(9)] } });
  },
};
Object.defineProperty(globalThis, Symbol.for('async-lens.agent'), { value: endpoint, configurable: true });
Object.defineProperty(globalThis, 'fakeAgent', { value: controls, configurable: true });
record(hello());
process.on('exit', (exitCode) => record({ event: 'exit', exitCode, snapshot: snapshot() }));

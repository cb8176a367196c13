/** Small builders for agent data, so that a test shows only what it is about. */
import type {
  BlockingCall,
  Frame,
  Hello,
  Resource,
  Snapshot,
  Stall,
  TaskNode,
  Wait,
  WaitFacts,
} from '../../src/protocol/agent.ts';
import type { Sources } from '../../src/model/sources.ts';

/** `name file:line`, for example `handler /app/server.ts:12`; column 3. */
export function frame(text: string): Frame {
  const match = /^(\S*) (.+):(\d+)$/.exec(text);
  if (match === null) throw new Error(`not a frame: ${text}`);
  return { function: match[1] ?? '', file: match[2] ?? '', line: Number(match[3]), column: 3 };
}

/** Files below `/app` are the user's, except installed packages; no source maps. */
export const sources: Sources = {
  locate: ({ file, line, column, function: name }) =>
    file.startsWith('/') ? { file, line, column, ...(name === '' ? {} : { function: name }) } : undefined,
  isUser: ({ file }) => file.startsWith('/app/') && !file.includes('/node_modules/'),
  textOf: () => undefined,
};

/** A task under construction: its frames are spelled out. */
export interface TaskSample extends Partial<Omit<TaskNode, 'frames' | 'children' | 'wait'>> {
  at?: string[];
  wait?: WaitFacts | Wait;
  children?: TaskSample[];
}

/** A snapshot of the given tasks with everything else empty, unless given. */
export function snapshot(tasks: TaskSample[], rest: Partial<Snapshot> = {}): Snapshot {
  const frames: Frame[] = [...(rest.frames ?? [])];
  let lastId = 0;
  function node(sample: TaskSample): TaskNode {
    const { at = [], wait, children = [], ...given } = sample;
    const id = given.id ?? (lastId += 1);
    return {
      id,
      ids: [id],
      count: 1,
      kind: 'async',
      oldestMs: 4200,
      youngestMs: 4200,
      confidence: 'exact',
      ...given,
      frames: at.map((text) => frames.push(frame(text)) - 1),
      ...(wait === undefined ? {} : { wait: 'facts' in wait ? wait : { facts: wait, confidence: 'exact' } }),
      children: children.map(node),
    };
  }
  const nodes = tasks.map(node);
  return {
    version: 1,
    atMs: 10_000,
    resources: [],
    counts: {
      pendingTasks: nodes.reduce((sum, { count }) => sum + count, 0),
      peakPendingTasks: 0,
      pendingPromises: 0,
      promisesCreated: 0,
      droppedEvents: 0,
    },
    loop: { utilization: 0, delayMs: { p50: 0, p99: 0, max: 0 } },
    stalls: [],
    blockingCalls: [],
    faults: [],
    ...rest,
    frames,
    tasks: nodes,
  };
}

/** A closed stall of 512 ms in JavaScript. */
export function stall(rest: Partial<Omit<Stall, 'stack'>> & { at?: string[] } = {}): Stall {
  const { at = ['render /app/page.ts:8'], ...given } = rest;
  return {
    id: 1,
    kind: 'javascript',
    startMs: 3000,
    durationMs: 512,
    open: false,
    confidence: 'sampled',
    ...given,
    stack: at.map(frame),
  };
}

/** One call of 5 ms after start-up. */
export function blockingCall(rest: Partial<Omit<BlockingCall, 'stack'>> & { at?: string[] } = {}): BlockingCall {
  const { at = ['load /app/config.ts:4'], ...given } = rest;
  return { api: 'fs.readFileSync', count: 1, totalMs: 5, maxMs: 5, startupCount: 0, ...given, stack: at.map(frame) };
}

/** A live, referenced resource. */
export function resource(facts: WaitFacts, rest: Partial<Resource> = {}): Resource {
  return { id: 1, type: 'Timeout', facts, ageMs: 1000, ref: true, frames: [], ...rest };
}

/** Process 42 running `/app/server.js` on Node 20. */
export function hello(rest: Partial<Hello> = {}): Hello {
  return {
    event: 'hello',
    version: 1,
    pid: 42,
    ppid: 1,
    threadId: 0,
    node: 'v20.20.0',
    argv: ['/usr/bin/node', '/app/server.js'],
    execArgv: [],
    cwd: '/app',
    startTime: Date.UTC(2026, 0, 2, 3, 4, 5),
    ...rest,
  };
}

/** Cuts the margin that a template literal has inside indented code, and its first and last line break. */
export function trimmed(text: string): string {
  const lines = text.replace(/^\n/, '').replace(/\n *$/, '').split('\n');
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(margin)).join('\n');
}

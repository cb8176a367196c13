/** Stands in for the CDP proxy of the JavaScript debugger: one shared session, events only when subscribed, an agent that appears when the test says so. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { AgentEvent, AgentRequest, Hello, PollAnswer, Stall } from '../../src/protocol/agent.ts';
import type { AsyncStack } from '../../src/protocol/async-stack.ts';
import type { Awake } from '../../src/protocol/polls.ts';
import { snapshot } from './samples.ts';

export interface FakeProxy {
  proxy: { host: string; port: number; path: string };
  /** Every command so far, in order. */
  commands: { method: string; params: Record<string, unknown> }[];
  /** Every request to the agent so far, in order. */
  requests: AgentRequest[];
  /** Whether the agent has been loaded. */
  loaded: boolean;
  /** The version it speaks. */
  version: number;
  /** The program answers nothing from now on. */
  blocked: boolean;
  /** How many pending tasks a poll tells. */
  polledTasks: number;
  /** Polls are answered from the moment before an announced call blocks; how many so far. */
  calling: number | undefined;
  /** Number of the rest that a poll is told of. */
  rest: () => number | undefined;
  /** The debugger stops the program before it answers the next poll, to which it then seems to stand still; once. */
  heldIn: Stall | undefined;
  /** What runs while it is paused. */
  running: AsyncStack;
  /** The program is gone while the debugger keeps the proxy open: every command of the program's is refused. */
  gone: boolean;
  /** Answers of the test's own by method, instead of the usual ones; what they throw is an error of the program's. */
  answers: Record<string, (params: Record<string, unknown>) => object | undefined>;
  /** Sends an event of the debugger, if the client subscribed to it. */
  event(method: string, params?: object): void;
  /** Sends events of the agent through its binding. */
  agentEvents(...events: (AgentEvent | Awake)[]): void;
  /** The session ends. */
  end(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free loopback port. */
export async function startFakeProxy(hello: Partial<Hello> = {}): Promise<FakeProxy> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let socket: WebSocket | undefined;
  const subscribed: string[] = [];
  let binding = '';

  const fake: FakeProxy = {
    proxy: { host: '127.0.0.1', port, path: '/session' },
    commands: [],
    requests: [],
    loaded: true,
    version: 1,
    blocked: false,
    polledTasks: 1,
    calling: undefined,
    rest: () => undefined,
    heldIn: undefined,
    running: { frames: [], parts: [] },
    gone: false,
    answers: {},
    event(method, params = {}) {
      if (subscribed.includes(method)) socket?.send(JSON.stringify({ method, params }));
    },
    agentEvents(...events) {
      fake.event('Runtime.bindingCalled', { name: binding, payload: JSON.stringify(events) });
    },
    end: () => socket?.close(),
    async close() {
      for (const client of server.clients) client.terminate();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };

  function agent(request: AgentRequest): unknown {
    fake.requests.push(request);
    switch (request.request) {
      case 'hello':
        return greeting();
      case 'connect':
        binding = request.binding;
        return { buffered: 0 };
      case 'poll':
        return answerPoll();
      case 'snapshot':
        return snapshot([{ id: 7, at: ['handler /app/server.ts:12'], wait: { kind: 'dns', host: 'db' } }]);
      case 'asyncStack':
        return fake.running;
      case 'sweep':
        return { done: true };
      case 'profiler':
        return { mode: request.mode };
    }
  }

  function answerPoll(): PollAnswer {
    const { heldIn } = fake;
    fake.heldIn = undefined;
    const rest = fake.rest();
    const rests = rest === undefined ? {} : { rest };
    const answer = { atMs: performance.now(), activity: 1, pendingTasks: fake.polledTasks, ...rests };
    if (heldIn !== undefined) {
      fake.event('Debugger.paused');
      fake.agentEvents({ event: 'stall', stall: heldIn });
      return { ...answer, stall: heldIn };
    }
    if (fake.calling === undefined) return answer;
    fake.calling++;
    return { ...answer, calling: true };
  }

  function greeting(): Hello {
    const base = { event: 'hello' as const, version: fake.version, pid: 4711, ppid: 1, threadId: 0, node: 'v24.0.0' };
    return { ...base, argv: ['node', '/app/server.ts'], execArgv: [], cwd: '/app', startTime: 0, ...hello };
  }

  function evaluate(expression: string): object {
    const json = /request\((".*")\)$/s.exec(expression)?.[1];
    if (!fake.loaded || json === undefined) return { type: 'undefined' };
    const request = JSON.parse(JSON.parse(json) as string) as AgentRequest;
    return { type: 'string', value: JSON.stringify({ ok: true, value: agent(request) }) };
  }

  function outcome(method: string, params: Record<string, unknown>): object {
    try {
      const result = fake.answers[method]?.(params);
      if (result !== undefined) return { result };
    } catch (error) {
      return { error: { code: -32000, message: error instanceof Error ? error.message : String(error) } };
    }
    return { result: method === 'Runtime.evaluate' ? { result: evaluate(params['expression'] as string) } : {} };
  }

  server.on('connection', (client) => {
    socket = client;
    client.on('message', (data: Buffer) => {
      const {
        id,
        method,
        params = {},
      } = JSON.parse(data.toString('utf8')) as { id: number; method: string; params?: Record<string, unknown> };
      fake.commands.push({ method, params });
      if (fake.blocked) return;
      if (fake.gone) return client.send(JSON.stringify({ id, error: { code: 0, message: 'Connection is closed' } }));
      if (method === 'JsDebug.subscribe') subscribed.push(...(params['events'] as string[]));
      client.send(JSON.stringify({ id, ...outcome(method, params) }));
    });
  });
  return fake;
}

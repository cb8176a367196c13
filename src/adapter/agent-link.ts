/** Talks to the agent inside the program over an inspector connection: greeting, events, requests, and the poll by which stalls are seen. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  AgentAnswers,
  AgentEvent,
  AgentRequest,
  AgentResult,
  Hello,
  PollAnswer,
  Snapshot,
} from '../protocol/agent.ts';
import type { AsyncStack } from '../protocol/async-stack.ts';
import { AGENT_SYMBOL, PROTOCOL_VERSION } from '../protocol/agent.ts';
import { askOutcomes } from '../protocol/outcomes.ts';
import type { LensSettings } from '../protocol/settings.ts';
import type { ProfilerMode } from '../protocol/profile.ts';
import { pauseAfterPoll, POLL_MS } from '../protocol/polls.ts';
import { pauseAfter, SLICE_MS } from '../protocol/slices.ts';
import { asJson, type Cdp } from './cdp.ts';
import { createStepStacks } from './step-stacks.ts';
import { createStops } from './stops.ts';
import { newHeapReader, type HeapReader } from './heap/reader.ts';
import { agentLost, noAgent, versionMismatch } from './errors.ts';

/** What the link tells its owner. */
export interface LinkListener {
  onEvents(events: AgentEvent[]): void;
  onPoll(answer: PollAnswer): void;
  /** The program has not answered a poll for that many milliseconds: it is blocked, or held by a debugger. Repeated while it lasts. */
  onSilence(ms: number): void;
  /** Only on a shared connection: the debugger holds the program, or has let it go. */
  onDebugger(paused: boolean): void;
}

/** A state, and how long the program stood still for it. */
export interface TakenSnapshot {
  snapshot: Snapshot;
  workMs: number;
}

/** A greeted agent. */
export interface AgentLink {
  hello: Hello;
  /** The state of now; rejects when the program is gone or the agent failed. A large one is taken in slices, so that the program goes on meanwhile. */
  snapshot(): Promise<TakenSnapshot>;
  /** What runs, while a debugger holds the program; as {@link AgentLink.snapshot}, and before it. */
  asyncStack(): Promise<AsyncStack>;
  /** The program's objects, for whoever asks to see them. */
  heap: HeapReader;
  /** While paused, polls say so and silence is not told. `stepping`: released to stop again soon. */
  setPaused(paused: boolean, stepping?: boolean): void;
  /** When the JavaScript debugger is to stop the program; without effect on a connection of our own. */
  setStops(stops: LensSettings['stops']): void;
  /** When V8's CPU profiler explains stalls. */
  setProfiler(mode: ProfilerMode): void;
  /** Settles when the connection is gone. */
  closed: Promise<void>;
  close(): void;
}

export interface LinkOptions {
  /** The connection is the JavaScript debugger's: its events must be subscribed and its domains left as they are. */
  shared: boolean;
  /** The debugger collects asynchronous stacks only while the user steps. */
  stepStacks?: boolean;
  /** Shortest time between two polls, milliseconds. */
  pollMs?: number;
  /** How long an agent that is still being loaded is waited for, milliseconds. */
  patienceMs: number;
  /** For the message when there is none. */
  agentFile: string;
}

const SILENCE_MS = 100;
const RETRY_MS = 50;
/** An agent that was interrupted at its own work is asked again so much later. */
const BUSY_MS = 10;

/** Greets the agent and starts polling. Rejects with `noAgent`, `versionMismatch`, or plainly when the connection ends. */
export async function openLink(cdp: Cdp, options: LinkOptions, listener: LinkListener): Promise<AgentLink> {
  if (options.shared) await joinDebugger(cdp, listener);
  else await leaveAtExit(cdp);
  const hello = await greet(cdp, options);
  const binding = `asyncLens${randomBytes(8).toString('hex')}`;
  cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
    if (name === binding) listener.onEvents(eventsOf(payload));
  });
  await cdp.send('Runtime.addBinding', { name: binding });
  await ask(cdp, { request: 'connect', binding });

  let paused = false;
  let profiler: ProfilerMode = 'auto';
  let reading = false;
  const heap = newHeapReader(cdp, options.shared);
  heap.onReading((value) => {
    reading = value;
  });
  const stops = options.shared ? createStops(cdp, options.agentFile) : undefined;
  const stop = startPolling(
    cdp,
    stops === undefined ? listener : stops.listenTo(listener),
    () => paused || reading,
    options.pollMs,
  );
  const stepStacks = options.stepStacks ? createStepStacks(cdp) : undefined;
  void cdp.closed.then(stop).then(stepStacks?.stop);
  return {
    hello,
    heap,
    snapshot: () => takeSnapshot(cdp, () => paused),
    asyncStack: () => ask(cdp, { request: 'asyncStack' }),
    setPaused(value, stepping = true) {
      paused = value;
      if (value) stepStacks?.held();
      else stepStacks?.released(stepping);
      heap.setPaused(value);
    },
    setStops: (value) => stops?.set(value),
    setProfiler(mode) {
      if (mode === profiler) return;
      profiler = mode;
      // An agent that cannot do it goes on without.
      void ask(cdp, { request: 'profiler', mode }).catch(() => undefined);
    },
    closed: cdp.closed,
    close() {
      stop();
      heap.dispose();
      cdp.close();
    },
  };
}

async function greet(cdp: Cdp, { shared, patienceMs, agentFile }: LinkOptions): Promise<Hello> {
  const lastTry = performance.now() + patienceMs;
  for (;;) {
    const hello = await askIfPresent(cdp, { request: 'hello' });
    if (hello !== undefined) {
      if (hello.version !== PROTOCOL_VERSION) throw versionMismatch(hello.version);
      return hello;
    }
    if (performance.now() >= lastTry) throw shared ? agentLost() : noAgent(agentFile);
    await delay(RETRY_MS);
  }
}

/** Never sends `*.disable`: the connection's state is the debugger's. */
async function joinDebugger(cdp: Cdp, listener: LinkListener): Promise<void> {
  cdp.on('Debugger.paused', () => listener.onDebugger(true));
  cdp.on('Debugger.resumed', () => listener.onDebugger(false));
  await cdp.send('JsDebug.subscribe', { events: ['Runtime.bindingCalled', 'Debugger.paused', 'Debugger.resumed'] });
}

/** A finished program waits for its inspector clients to leave; this one asks to be told, and leaves. */
async function leaveAtExit(cdp: Cdp): Promise<void> {
  cdp.on('NodeRuntime.waitingForDisconnect', () => cdp.close());
  await cdp.send('NodeRuntime.enable');
  await cdp.send('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
}

/** While the debugger holds the program nothing is gained by slices. */
async function takeSnapshot(cdp: Cdp, isPaused: () => boolean): Promise<TakenSnapshot> {
  for (let workMs = 0; ;) {
    const askedAt = performance.now();
    const budget = isPaused() ? {} : { budgetMs: SLICE_MS };
    const answer = await ask(cdp, { request: 'snapshot', ...budget });
    workMs += performance.now() - askedAt;
    if (!('done' in answer)) return { snapshot: answer, workMs };
    await delay(isPaused() ? 0 : pauseAfter(answer));
  }
}

function startPolling(cdp: Cdp, listener: LinkListener, isPaused: () => boolean, leastMs = 0): () => void {
  let sentAt: number | undefined;
  let stopped = false;
  let dueAt = performance.now();
  const poll = async () => {
    sentAt = performance.now();
    const lateMs = Math.round(sentAt - dueAt);
    let pauseMs = POLL_MS;
    try {
      const late = lateMs < POLL_MS ? {} : { watcherLateMs: lateMs };
      const answer = await ask(cdp, { request: 'poll', paused: isPaused(), ...late });
      pauseMs = Math.max(leastMs, pauseAfterPoll(answer));
      if (!stopped) listener.onPoll(answer);
      if (answer.settled !== undefined) await tellOutcomes(cdp, listener);
    } catch (error) {
      if (stopped || !cdp.isOpen()) return;
      // A program at its end waits for its clients to leave.
      if (isEnding(error)) return cdp.close();
      listener.onEvents([{ event: 'fault', message: messageOf(error), fatal: false }]);
    }
    sentAt = undefined;
    dueAt = performance.now() + pauseMs;
    if (!stopped) next = setTimeout(() => void poll(), pauseMs);
  };
  let next = setTimeout(() => void poll(), 0);
  const silence = setInterval(() => {
    const ms = sentAt === undefined ? 0 : performance.now() - sentAt;
    if (ms >= SILENCE_MS && !isPaused()) listener.onSilence(ms);
  }, SILENCE_MS / 2);
  return () => {
    stopped = true;
    clearTimeout(next);
    clearInterval(silence);
  };
}

async function tellOutcomes(cdp: Cdp, listener: LinkListener): Promise<void> {
  const outcomes = await askOutcomes((method, parameters) => cdp.send(method, parameters));
  if (outcomes.length > 0) listener.onEvents([{ event: 'outcomes', outcomes }]);
}

async function ask<R extends AgentRequest>(cdp: Cdp, request: R): Promise<AgentAnswers[R['request']]> {
  const answer = await askIfPresent(cdp, request);
  if (answer === undefined) throw new Error('the agent is gone');
  return answer;
}

/** Undefined when there is no agent (yet). */
async function askIfPresent<R extends AgentRequest>(
  cdp: Cdp,
  request: R,
): Promise<AgentAnswers[R['request']] | undefined> {
  const agent = `globalThis[Symbol.for(${JSON.stringify(AGENT_SYMBOL)})]`;
  const expression = `${agent}?.request(${JSON.stringify(JSON.stringify(request))})`;
  for (;;) {
    const { result } = await cdp.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      silent: true,
      disableBreaks: true,
    });
    const { value } = asJson(result);
    if (typeof value !== 'string') return undefined;
    const answer = JSON.parse(value) as AgentResult<AgentAnswers[R['request']]>;
    if (answer.ok) return answer.value;
    if (answer.busy !== true) throw new Error(answer.error);
    await delay(BUSY_MS);
  }
}

/** The JavaScript context is gone, or the debugger's proxy, which stays open, has lost its program: nothing will run any more. */
export function isEnding(error: unknown): boolean {
  return /^(?:Cannot find (?:default execution )?context|Connection is closed)/.test(messageOf(error));
}

function eventsOf(payload: unknown): AgentEvent[] {
  try {
    const events: unknown = JSON.parse(String(payload));
    return Array.isArray(events) ? (events as AgentEvent[]) : [];
  } catch {
    return []; // somebody else called the binding
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

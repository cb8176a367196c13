/** Talks to the agent inside the program over an inspector connection: greeting, events and requests. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentEvent, Hello, PollAnswer, Snapshot } from '../protocol/agent.ts';
import type { AsyncStack } from '../protocol/async-stack.ts';
import { PROTOCOL_VERSION } from '../protocol/agent.ts';
import type { Awake } from '../protocol/polls.ts';
import type { LensSettings } from '../protocol/settings.ts';
import type { ProfilerMode } from '../protocol/profile.ts';
import { pauseAfter, SLICE_MS } from '../protocol/slices.ts';
import { ask, askIfPresent } from './asking.ts';
import type { Cdp } from './cdp.ts';
import { newPolls } from './polling.ts';
import { createStepStacks } from './step-stacks.ts';
import { createStops } from './stops.ts';
import { newHeapReader, type HeapReader } from './heap/reader.ts';
import { agentLost, noAgent, versionMismatch } from './errors.ts';

/** What the link tells its owner. */
export interface LinkListener {
  onEvents(events: AgentEvent[]): void;
  onPoll(answer: PollAnswer): void;
  /** The program has not answered a poll for that many milliseconds, 50 or more: it is blocked, or held by a debugger. Repeated while it lasts. */
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
  /** Keeps nothing alive by being watched, but what is younger than half a second. */
  sweep(): Promise<void>;
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
  /** Of a worker thread; what it says itself counts more. */
  threadName?: string;
  /** How long an agent that is still being loaded is waited for, milliseconds. */
  patienceMs: number;
  /** For the message when there is none. */
  agentFile: string;
}

const RETRY_MS = 50;

/** Greets the agent and starts polling. Rejects with `noAgent`, `versionMismatch`, or plainly when the connection ends. */
export async function openLink(cdp: Cdp, options: LinkOptions, listener: LinkListener): Promise<AgentLink> {
  if (options.shared) await joinDebugger(cdp, listener);
  else await leaveAtExit(cdp);
  const hello = await greet(cdp, options);
  const binding = `asyncLens${randomBytes(8).toString('hex')}`;
  let paused = false;
  let profiler: ProfilerMode = 'auto';
  let reading = false;
  const heap = newHeapReader(cdp, options.shared);
  const stops = options.shared ? createStops(cdp, options.agentFile, hello.threadId > 0) : undefined;
  const polls = newPolls(
    cdp,
    stops === undefined ? listener : stops.listenTo(listener),
    () => paused || reading,
    options.pollMs,
  );
  // What stands still for a reading or a pause must be asked meanwhile, or it would count as a stall later.
  heap.onReading((value) => {
    reading = value;
    polls.now();
  });
  cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
    if (name !== binding) return;
    const told = eventsOf(payload);
    for (const event of told) if (event.event === 'awake') polls.awake(event.rest);
    const events = told.filter((event) => event.event !== 'awake');
    if (events.length === 0) return;
    listener.onEvents(events);
    // Whether it lasts is known the sooner.
    if (events.some(({ event }) => event === 'blocking-begin')) polls.now();
  });
  await cdp.send('Runtime.addBinding', { name: binding });
  await ask(cdp, { request: 'connect', binding });
  polls.start();
  const stepStacks = options.stepStacks ? createStepStacks(cdp) : undefined;
  void cdp.closed.then(polls.stop).then(stepStacks?.stop);
  return {
    hello,
    heap,
    snapshot: () => takeSnapshot(cdp, () => paused),
    sweep: () => sweepAll(cdp),
    asyncStack: () => ask(cdp, { request: 'asyncStack' }),
    setPaused(value, stepping = true) {
      paused = value;
      stops?.setPaused(value);
      if (value) stepStacks?.held();
      else stepStacks?.released(stepping);
      heap.setPaused(value);
      if (value) polls.now();
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
      polls.stop();
      heap.dispose();
      cdp.close();
    },
  };
}

async function greet(cdp: Cdp, { shared, patienceMs, agentFile, threadName }: LinkOptions): Promise<Hello> {
  const lastTry = performance.now() + patienceMs;
  for (;;) {
    const hello = await askIfPresent(cdp, { request: 'hello' });
    if (hello !== undefined) {
      if (hello.version !== PROTOCOL_VERSION) throw versionMismatch(hello.version);
      return threadName === undefined || hello.internal === true ? hello : { threadName, ...hello };
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
export async function leaveAtExit(cdp: Cdp): Promise<void> {
  cdp.on('NodeRuntime.waitingForDisconnect', () => cdp.close());
  await cdp.send('NodeRuntime.enable');
  await cdp.send('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
}

/** While the debugger holds the program nothing is gained by slices. */
export async function takeSnapshot(cdp: Cdp, isPaused: () => boolean): Promise<TakenSnapshot> {
  for (let workMs = 0; ;) {
    const askedAt = performance.now();
    const budget = isPaused() ? {} : { budgetMs: SLICE_MS };
    const answer = await ask(cdp, { request: 'snapshot', ...budget });
    workMs += performance.now() - askedAt;
    if (!('done' in answer)) return { snapshot: answer, workMs };
    await delay(isPaused() ? 0 : pauseAfter(answer));
  }
}

/** The first end of the list may be that of a pass that has begun before. */
async function sweepAll(cdp: Cdp): Promise<void> {
  for (let passes = 0; passes < 2;) if ((await ask(cdp, { request: 'sweep' })).done) passes++;
}

function eventsOf(payload: unknown): (AgentEvent | Awake)[] {
  try {
    const events: unknown = JSON.parse(String(payload));
    return Array.isArray(events) ? (events as (AgentEvent | Awake)[]) : [];
  } catch {
    return []; // somebody else called the binding
  }
}

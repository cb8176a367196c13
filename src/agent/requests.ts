/** Answers the requests that come through `Runtime.evaluate`: JSON text in, JSON text out, never an exception. */
import { performance } from 'node:perf_hooks';
import type { AgentAnswers, AgentRequest, AgentResult, PollAnswer, PollRequest, Snapshot } from '../protocol/agent.ts';
import { followAwaits } from './tree/await-rows.ts';
import { asyncStack } from './stops/async-stack.ts';
import type { Binding } from './carriers/binding.ts';
import { forgetCalls } from './stacks/passage.ts';
import { blockingCalls } from './calls/blocking-calls.ts';
import { isCalling } from './calls/timed-calls.ts';
import { sampleBusy } from './names/busy.ts';
import { faults, guarded } from './faults.ts';
import { setStop } from './stops/held.ts';
import { offerSettled } from './tree/history.ts';
import { hello } from './identity.ts';
import { ownWork } from './own-time.ts';
import { lookAtJobs } from './libraries/job-workers.ts';
import { endRest, restIfIdle } from './rest/rest.ts';
import { watched } from './rest/unwatched.ts';
import { loopStats } from './stalls/loop.ts';
import { addOriginals } from './stacks/originals.ts';
import { inOneAnswer, isProbing, withoutProbes } from './walks/probe.ts';
import { forgetScopes } from './names/scopes.ts';
import { isBeginningReaction } from './promises/promises.ts';
import { setProfilerMode } from './stalls/stall-profiles.ts';
import { pendingTasks, type StallState } from './tree/snapshot.ts';
import { snapshotAtOnce, snapshotSlice, workOffBacklog } from './tree/snapshot-job.ts';
import { isOwnInterrupted, isProgramInterrupted } from './stacks/stack.ts';
import { openTurnMs, poll, stalls, takeBackPoll, wasIdle } from './stalls/stalls.ts';
import { lookAtPool } from './pool/thread-pool.ts';
import { isSwept } from './promises/promise-list.ts';
import { activity, sweep } from './tracking.ts';
import { answerWithin } from './stacks/within.ts';

const { parse, stringify } = JSON;

function takeState(): StallState {
  return { loop: loopStats(openTurnMs()), stalls: stalls(), blockingCalls: blockingCalls(), faults: faults() };
}

/** The whole state of this thread at this moment; new awaits are looked at for at most `probeMs`. */
export function currentSnapshot(probeMs: number, atExit = false): Snapshot {
  return snapshotAtOnce(takeState, probeMs, atExit);
}

/** As {@link currentSnapshot}, in a callback of our own that nothing of the program is below. */
export function ownSnapshot(probeMs: number): Snapshot {
  return ownWork(() => inOneAnswer(() => currentSnapshot(probeMs)));
}

/** A slice of work on a snapshot, there too. */
export function ownSlice(budgetMs: number): AgentAnswers['snapshot'] {
  return ownWork(() => inOneAnswer(() => snapshotSlice(takeState, budgetMs)));
}

/** For a program that the debugger holds anyway. Milliseconds. */
const PAUSED_PROBE_MS = 1000;
const POLL_PROBE_MS = 3;

function answerSnapshot(budgetMs: number | undefined, probeMs = PAUSED_PROBE_MS): AgentAnswers['snapshot'] {
  if (budgetMs === undefined) return currentSnapshot(probeMs);
  return snapshotSlice(takeState, budgetMs);
}

/** The request being answered came in the middle of our own code, a hook of the program's promises perhaps: lists must stay as that code left them. */
let interruptsOwn = false;

function answerPoll({ paused, watcherLateMs, heldBefore, mayRest }: PollRequest): PollAnswer {
  watched();
  if (paused || mayRest !== true) endRest();
  if (heldBefore === true) takeBackPoll();
  const stall = poll(paused, watcherLateMs);
  if (!paused) setStop(undefined);
  sampleBusy(performance.now(), paused);
  if (!interruptsOwn) {
    sweep();
    forgetScopes();
  }
  ownWork(() => {
    if (stall !== undefined) addOriginals([stall.stack]);
    if (!interruptsOwn) workOffBacklog(POLL_PROBE_MS);
    guarded('await rows', () => followAwaits(performance.now(), paused), undefined);
    guarded('jobs', lookAtJobs, undefined);
    guarded('thread pool', lookAtPool, undefined);
  });
  const settled = offerSettled();
  const rests = mayRest === true && !paused && !interruptsOwn && settled === 0;
  const rest = rests ? ownWork(() => guarded('rest', restIfIdle, undefined)) : undefined;
  return {
    atMs: performance.now(),
    ...(stall === undefined ? {} : { stall }),
    ...(settled === 0 ? {} : { settled }),
    ...(isCalling() ? { calling: true } : {}),
    ...(wasIdle() ? { idle: true } : {}),
    ...(rest === undefined ? {} : { rest }),
    activity: activity(),
    pendingTasks: pendingTasks(),
  };
}

function answer(request: AgentRequest, binding: Binding): AgentAnswers[keyof AgentAnswers] {
  switch (request.request) {
    case 'hello':
      return hello();
    case 'connect':
      return { buffered: binding.connect(request.binding) };
    case 'poll':
      return answerPoll(request);
    case 'snapshot':
      return ownWork(() => answerSnapshot(request.budgetMs, request.probeMs));
    case 'asyncStack':
      return ownWork(asyncStack);
    case 'sweep':
      if (!interruptsOwn) ownWork(sweep);
      return { done: isSwept() };
    case 'profiler':
      setProfilerMode(request.mode);
      return { mode: request.mode };
    default:
      throw new Error(`unknown request ${stringify(request satisfies never)}`);
  }
}

/** A request can interrupt any JavaScript, also the agent at its own work, such as the snapshot at the exit: it must not be begun again within itself. */
const BUSY: AgentResult<never> = { ok: false, error: 'the agent is at work', busy: true };

/** The `request` function of the agent's endpoint. */
export function requestHandler(binding: Binding): (json: string) => string {
  return (json) => {
    if (isProbing()) return stringify(BUSY);
    interruptsOwn = isOwnInterrupted();
    const answered = answerText(json, binding);
    if (!isProgramInterrupted()) forgetCalls();
    return answered;
  };
}

function answerText(json: string, binding: Binding): string {
  let result: AgentResult<AgentAnswers[keyof AgentAnswers]>;
  try {
    const request = parse(json) as AgentRequest;
    // Without a budget the program is paused, perhaps in a function of ours where a blocking call begins, or this is the last chance.
    if (interruptsOwn && request.request === 'snapshot' && request.budgetMs !== undefined) return stringify(BUSY);
    const answerNow = (): AgentAnswers[keyof AgentAnswers] => answerWithin(() => answer(request, binding));
    const isSafe = !isBeginningReaction();
    result = { ok: true, value: inOneAnswer(() => (isSafe ? answerNow() : withoutProbes(answerNow))) };
  } catch (error) {
    result = { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
  return stringify(result);
}

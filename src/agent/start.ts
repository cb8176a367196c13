/** Puts the agent together in this thread: carriers, endpoint, hooks, and the last words. */
import { performance } from 'node:perf_hooks';
import { isMainThread, threadId, workerData } from 'node:worker_threads';
import { AGENT_SYMBOL, SPOOL_VARIABLE, type Snapshot } from '../protocol/agent.ts';
import type { AgentEndpoint } from '../protocol/endpoint.ts';
import { LATE_SYMBOL } from '../protocol/late.ts';
import { newBinding, type Binding } from './carriers/binding.ts';
import { addCarrier, emit } from './carriers/events.ts';
import { guarded, reportFault } from './faults.ts';
import { takeSettled } from './tree/history.ts';
import { hello, isInternal } from './identity.ts';
import { newLate } from './late/late.ts';
import { loadedModule, startLibraries } from './libraries/modules.ts';
import { startDelays } from './stalls/delays.ts';
import { masked, withLastProbes } from './walks/probe.ts';
import { currentSnapshot, requestHandler } from './requests.ts';
import { calibrateTimers } from './resources/resource-facts.ts';
import { onAwake } from './rest/rest.ts';
import { startLooking } from './rest/unwatched.ts';
import { watchUnheard } from './rest/unheard.ts';
import { openSpool } from './carriers/spool.ts';
import { stopBeforeCall, stopBeforeCalls, stopInStall } from './stops/stop-here.ts';
import { isToStop, stopIfBlocked } from './stops/stop-if-blocked.ts';
import { watchFirstUses } from './stalls/first-uses.ts';
import { callEnded, finishStalls, startStalls } from './stalls/stalls.ts';
import { captureFrames } from './stacks/stack.ts';
import { recordOfTask } from './tree/task-record.ts';
import { startTracking } from './tracking.ts';
import { installTripwires } from './calls/tripwires.ts';
import { closeBeforeEnds } from './watch-ends.ts';
import { watchSelf } from './self-watch.ts';
import { hasInspector, isWatchdog, startWatchdog, watch, watchOptionsIn } from './watchdog.ts';

const NODES_LISTENER = 'handleProcessExit';
const OWN_LISTENERS = new Set<unknown>();

function beforeExit(listener: (code: number) => void): void {
  OWN_LISTENERS.add(listener);
  process.on('exit', listener);
}

/** `handleProcessExit` (ES module loader of Node 20) sets exit code 13 in a listener that comes after ours. */
function exitCode(code: number): number {
  const set = process.exitCode === undefined ? code : Number(process.exitCode);
  const unsettled = process.listeners('exit').some(({ name }) => name === NODES_LISTENER);
  return set === 0 && unsettled ? 13 : set;
}

/** Functions of Node's that end a program before its work has run out. */
const ENDINGS = /(?:^|\.)(?:exit|reallyExit|onGlobalUncaughtException|triggerUncaughtException|_fatalException)$/;

/** Whether the loop has run dry: then nothing of Node's has called for the end. No listener for `beforeExit`: the program could see it. */
function hasRunDry(): boolean {
  return !captureFrames(200).some(
    ({ file, function: name }) => file.startsWith('node:internal/process/') && ENDINGS.test(name),
  );
}

/** Whether listeners of the program come after ours. */
function isHeardByOthers(): boolean {
  return process.listeners('exit').some((listener) => !OWN_LISTENERS.has(listener) && listener.name !== NODES_LISTENER);
}

/** Nothing of the program waits for the last snapshot. Milliseconds. */
const EXIT_PROBE_MS = 1000;
const lastSnapshot = (): Snapshot => currentSnapshot(EXIT_PROBE_MS, true);

function lastWords(code: number): void {
  const tell = (): void => {
    // Without it there is still the last state.
    guarded('last stall', finishStalls, undefined);
    const isHeard = isHeardByOthers();
    emit({
      event: 'exit',
      exitCode: exitCode(code),
      ...(isHeard ? { mayChange: true } : {}),
      drained: hasRunDry(),
      snapshot: isHeard ? lastSnapshot() : withLastProbes(lastSnapshot),
    });
  };
  guarded('exit', () => masked(tell), undefined);
}

function defineEndpoint(endpoint: AgentEndpoint): void {
  const value = Object.freeze(endpoint);
  Object.defineProperty(globalThis, Symbol.for(AGENT_SYMBOL), { value, enumerable: false, configurable: false });
}

/** What VS Code's JavaScript debugger tells programs that it starts (VS Code 1.139). */
const JS_DEBUG_VARIABLE = 'VSCODE_INSPECTOR_OPTIONS';

/** Starts everything, once for each thread. A failure switches the agent off and is reported; nothing is thrown. */
export function start(): void {
  if (isWatchdog(workerData)) {
    defineEndpoint({ request: () => '{"ok":false,"error":"this thread is the watchdog"}' });
    watch(workerData);
    return;
  }
  const binding = newBinding();
  if (takeLate()) {
    guarded('late start', () => startLate(binding), undefined);
    return;
  }
  try {
    const spool = process.env[SPOOL_VARIABLE] ?? '';
    const watchOptions = spool !== '' && !isInternal ? watchOptionsIn(spool) : undefined;
    const hasWatchdog = watchOptions !== undefined && isMainThread && hasInspector();
    const watchesSelf = watchOptions !== undefined && !hasWatchdog;
    if (spool !== '') {
      const file = openSpool(spool, `${process.pid}-${threadId}`);
      addCarrier(file);
      if (watchesSelf) watchSelf(watchOptions, file);
    }
    // In a session of the JavaScript debugger the adapter looks, and a timer of ours is in the way of steps that lead through turns of the loop.
    const isDebugged = process.env[JS_DEBUG_VARIABLE] !== undefined;
    if (!hasWatchdog && !watchesSelf && !isInternal && !isDebugged) startLooking();
    startDelays();
    startRecording(binding);
    defineEndpoint(newEndpoint(binding));
    if (hasWatchdog) {
      const session = startWatchdog(spool, watchOptions);
      beforeExit(session.stop);
      closeBeforeEnds(session);
    }
    startStalls(performance.now());
  } catch (error) {
    reportFault('start', error, true);
  }
}

const newEndpoint = (binding: Binding): AgentEndpoint => ({
  request: requestHandler(binding),
  recordOf: (id) => guarded('record of a task', () => recordOfTask(id), undefined),
  loaded: loadedModule,
  settled: takeSettled,
  stopInStall,
  stopBeforeCall,
  stopIfBlocked,
  isToStop,
  stopBeforeCalls,
});

function startRecording(binding: Binding): void {
  addCarrier(binding);
  onAwake(binding.tell);
  emit(hello());
  startTracking();
  startLibraries();
  watchFirstUses();
  watchUnheard();
  installTripwires(callEnded);
  beforeExit(lastWords);
}

/** Whether the agent is loaded into a program that has been running for a while. */
function takeLate(): boolean {
  const key = Symbol.for(LATE_SYMBOL);
  return Object.prototype.hasOwnProperty.call(globalThis, key) && Reflect.deleteProperty(globalThis, key);
}

/** Nothing happens in the program until something is asked. */
function startLate(binding: Binding): void {
  calibrateTimers();
  const late = newLate({
    recording: () => startRecording(binding),
    watch() {
      startDelays();
      startStalls(performance.now());
    },
  });
  defineEndpoint({ ...newEndpoint(binding), ...late });
}

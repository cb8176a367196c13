/** One turn of the event loop as far as seen, and who is to blame for its time. */
import type { Frame, Stall, StallKind } from '../../protocol/agent.ts';
import type { ApiTime } from '../calls/api-sums.ts';
import { callsWithin } from '../calls/blocking-calls.ts';
import { loopStartMs, type LoopReading } from './loop.ts';
import { mainModuleRan } from './main-module.ts';
import { isForeign, isNodes } from '../stacks/origin.ts';
import { newSamples, type Samples } from './samples.ts';
import { firstUseWithin } from './first-uses.ts';
import { isBeforeFirstWait, isStarting, isStartup } from './startup.ts';
import { openCall } from '../calls/timed-calls.ts';

/** A stall without a stack that begins so soon after the loop's start is put down to start-up. Milliseconds. */
const EARLY_MS = 250;
/** With a smaller share of processor time than this, a turn that the machine held up is not the program's fault alone. */
const OWN_SHARE = 0.5;
/** The system took the processor away at least so often, and once more in each such time. */
const TAKEN_AWAY = 3;
const TAKEN_AWAY_EVERY_MS = 100;

export interface Turn {
  /** As in {@link LoopReading}. */
  number: number;
  startMs: number;
  /** It lasted at least until then. */
  seenMs: number;
  startup: boolean;
  /** Reactions or ticks have kept the loop from starting. */
  starving?: true;
  /** The main module was not over when it began. */
  mainRuns: boolean;
  samples: Samples;
  /** Time in timed functions, by name. */
  calls: Map<string, ApiTime>;
  /** Of the process since the look before its start. Milliseconds. */
  processorMs: number;
  /** How often the system took the processor away. */
  takenAway: number;
  /** How late the watcher itself was, milliseconds. */
  watcherLateMs: number;
  /** Where the next run was queued, when one follows the other. */
  queuedAt?: Frame[];
  /** It has ended a rest. */
  afterRest?: true;
  stallId?: number;
  toldMs: number;
  /** Age at the first tell. */
  toldAfterMs?: number;
}

/** The turn before the loop has turned is over when the loop starts. */
export function endAtLoopStart(turn: Turn, nowMs: number): void {
  turn.seenMs = Math.max(turn.startMs, Math.min(loopStartMs() ?? Infinity, nowMs));
}

/** A turn that nothing is known of yet. */
export function newTurn(startMs: number, { turn, nowMs }: LoopReading): Turn {
  return {
    number: turn,
    startMs,
    seenMs: Math.max(startMs, nowMs),
    startup: isStarting(),
    mainRuns: mainModuleRan(nowMs),
    samples: newSamples(),
    calls: new Map(),
    processorMs: 0,
    takenAway: 0,
    watcherLateMs: 0,
    toldMs: 0,
  };
}

/** How the machine treated the process from one look to the next; times in milliseconds. */
export interface GapLoad extends Pick<Turn, 'processorMs' | 'takenAway' | 'watcherLateMs'> {
  /** Neither idle nor our own work. */
  activeMs: number;
}

/** So much of the gap turns out to have been this turn's, although it was over when somebody looked. */
export function addLoad(turn: Turn, { activeMs, processorMs, takenAway, watcherLateMs }: GapLoad, ms: number): void {
  turn.processorMs += Math.max(0, processorMs) * Math.min(1, ms / Math.max(1, activeMs));
  turn.takenAway += takenAway;
  turn.watcherLateMs += watcherLateMs;
}

/** A process from which the processor is taken away so often while it starts is on a busy machine. Milliseconds. */
const TAKEN_EVERY_MS = 40;

/** Of a gap that begins with the program's start: most of what the processor did was for that, not for the turns that came after it. */
export function afterStart<T extends GapLoad>(gap: T): T {
  return gap.takenAway * TAKEN_EVERY_MS >= gap.activeMs ? { ...gap, processorMs: 0 } : gap;
}

/** Adds the time of timed functions. */
export function addCalls({ calls }: Turn, times: readonly ApiTime[]): void {
  for (const time of times) {
    const { ms, toldMs } = calls.get(time.api) ?? { ms: 0, toldMs: 0 };
    calls.set(time.api, { ...time, ms: time.ms + ms, toldMs: time.toldMs + toldMs });
  }
}

/** Modules of the program may still be loading then. */
const isEarly = ({ startMs }: Turn): boolean => startMs < (loopStartMs() ?? Infinity) + EARLY_MS;

const isLoader = ({ file }: Frame): boolean => file.startsWith('node:internal/modules/cjs/');
const isModuleLoader = ({ file }: Frame): boolean => file.startsWith('node:internal/modules/esm/');
/** Modules are linked in ticks. */
const mayLoad = ({ file }: Frame): boolean =>
  file.startsWith('node:internal/modules/') || file.startsWith('node:internal/process/');

/** Below it Node loads a part of its own, Node 20 to 26. */
const isLoadingNode = ({ file }: Frame): boolean => file === 'node:internal/bootstrap/realm';

type Blame = Pick<Stall, 'kind' | 'api' | 'detail' | 'repeated' | 'stack' | 'after' | 'confidence' | 'toldAfterMs'>;

/** Who is to blame for the time of the turn so far. */
export function culprit(turn: Turn, open: boolean): Blame {
  const half = (turn.seenMs - turn.startMs) / 2;
  const best = turn.samples.best();
  const blame =
    callToBlame(turn, open, half, best?.stack ?? []) ?? firstUseToBlame(turn, best) ?? codeToBlame(turn, best);
  if (turn.starving === true) return blame;
  const { stack } = blame;
  const isProgram = stack.some((frame) => !isNodes(frame));
  // Node still links and loads modules.
  const isLinking = !isProgram && (isEarly(turn) || (!programSeen && isBeforeFirstWait() && stack.some(mayLoad)));
  const isLoading = isLinking || (turn.mainRuns && !programSeen && stack.every(isForeign));
  programSeen ||= isProgram && !isLoading && !isStartup(stack);
  return turn.startup || isStartup(stack) || isLoading ? { ...blame, kind: 'startup' } : blame;
}

/** Whether code of the program has been seen that runs after the loading. */
let programSeen = false;

function callToBlame(turn: Turn, open: boolean, half: number, sampled: Frame[]): Blame | undefined {
  const running = open ? openCall() : undefined;
  if (running !== undefined && turn.seenMs - running.startMs >= half) {
    const { api, detail, stack = sampled } = running;
    return { ...ofCall(api, detail, stack, 'exact'), ...announcedIn(turn, running) };
  }
  const { longest, totalMs } = callsWithin(turn.startMs, turn.seenMs);
  if (longest !== undefined && totalMs >= half) {
    const { api, detail, stack, startMs, endMs } = longest;
    const call = { ...ofCall(api, detail, stack, 'exact'), ...announcedIn(turn, longest) };
    return endMs - startMs < totalMs / 2 ? { ...call, repeated: true } : call;
  }
  // The files it reads are more than all their stacks could be looked at.
  const isEarlyOn = turn.startup || isStartup(sampled);
  const loading = isEarlyOn
    ? undefined
    : (loadingToBlame(turn, 'require', isLoader) ??
      loadingToBlame(turn, 'import', isModuleLoader) ??
      loadingByHooks(turn, sampled));
  if (loading !== undefined) return loading;
  const most = [...turn.calls.values()].sort((a, b) => b.ms - a.ms)[0];
  const { overloaded } = machineLoad(turn, 2 * half, { stack: sampled });
  // What the machine took away counts for neither side.
  const enough = overloaded === true ? Math.min(half, Math.max(turn.processorMs / 2, half / 4)) : half;
  // Most calls of a start-up are the loader's, by functions that the program calls as well.
  if (most === undefined || (isEarlyOn ? most.toldMs : most.ms) < enough) return undefined;
  const stack = most.stack.length > 0 ? most.stack : sampled;
  const isOne = longest?.api === most.api && longest.endMs - longest.startMs >= most.ms / 2;
  return { ...ofCall(most.api, undefined, stack, 'sampled'), ...(isOne ? {} : { repeated: true }) };
}

/** Loading a tree of modules, at the line that asked for it. */
function loadingToBlame({ samples }: Turn, api: string, isSuch: (frame: Frame) => boolean): Blame | undefined {
  const loading = samples.below(isSuch)?.filter((frame) => !isNodes(frame)) ?? [];
  return loading.length === 0 ? undefined : ofCall(api, undefined, loading, 'sampled');
}

/** What Node loads for the program is seen only when it is over; a function of the program's that was seen to run counts more. */
function firstUseToBlame({ startMs, seenMs }: Turn, best: ReturnType<Samples['best']>): Blame | undefined {
  const isSeen = best?.late === false && best.stack.some((frame) => !isNodes(frame));
  if (isSeen && !best.stack.some(isLoadingNode)) return undefined;
  const use = firstUseWithin(startMs, seenMs);
  if (use === undefined) return undefined;
  const { name, stack, isCause, within } = use;
  if (within === 'start-up') return { kind: 'startup', stack, confidence: 'inferred' };
  if (within === 'modules') return ofCall('require', undefined, stack, 'inferred');
  if (!isCause) return { kind: 'javascript', stack, confidence: 'inferred' };
  return ofCall('require', `${name} (Node's, on first use)`, stack, 'inferred');
}

/** Test runners load modules by code of their own. */
const HOOKS = ['jest-runtime/', 'vite-node/', 'vite/dist/node/module-runner'].map((name) => `node_modules/${name}`);
const isHook = ({ file }: Frame): boolean => HOOKS.some((hook) => file.replaceAll('\\', '/').includes(hook));

/** Loading modules for somebody who is not on the stack any more, or by a test runner: no doing of the package that is being loaded. */
function loadingByHooks(turn: Turn, sampled: readonly Frame[]): Blame | undefined {
  if (!sampled.every(isForeign)) return undefined;
  return (
    loadingToBlame(turn, 'require', isHook) ??
    (turn.samples.below((frame) => isLoader(frame) || isModuleLoader(frame) || isHook(frame)) &&
      ofCall('import', undefined, [], 'sampled'))
  );
}

function announcedIn({ startMs }: Turn, call: { startMs: number; announced: boolean }): Pick<Blame, 'toldAfterMs'> {
  return call.announced ? { toldAfterMs: Math.max(0, call.startMs - startMs) } : {};
}

const ofCall = (api: string, detail: string | undefined, stack: Frame[], confidence: Stall['confidence']): Blame => ({
  kind: 'sync-call',
  api,
  ...(detail === undefined ? {} : { detail }),
  stack,
  confidence,
});

function codeToBlame({ samples, queuedAt }: Turn, best: ReturnType<Samples['best']>): Blame {
  const kind: StallKind = samples.many(queuedAt !== undefined) ?? 'javascript';
  const isQueue = kind === 'microtasks' || kind === 'ticks';
  const stack = (isQueue ? queuedAt : undefined) ?? best?.stack ?? [];
  // Runs that differ were seen, whenever that was.
  const isInProgram = best?.late === false && stack.some((frame) => !isNodes(frame));
  // Who ran may not be who queued.
  const isSeen = isQueue ? queuedAt !== undefined : isInProgram || kind !== 'javascript';
  const after = best?.after === true && stack === best.stack;
  return { kind, stack, ...(after ? { after } : {}), confidence: isSeen ? 'sampled' : 'inferred' };
}

/** These wait for something else than the processor. */
const WAITING = ['child_process.', 'fs.', 'Atomics.'];

/**
 * Whether the machine held up a turn of that length, milliseconds; then with the processor time that the process got. Where nothing of the program was
 * seen to run, less speaks for the program.
 */
export function machineLoad(turn: Turn, durationMs: number, { api, stack }: Pick<Blame, 'api' | 'stack'>): MachineLoad {
  const { processorMs, takenAway, watcherLateMs } = turn;
  const missingMs = durationMs - processorMs;
  if (missingMs < durationMs * OWN_SHARE || WAITING.some((module) => api?.startsWith(module) === true)) return {};
  const often = stack.length === 0 ? 1 : TAKEN_AWAY + durationMs / TAKEN_AWAY_EVERY_MS;
  const isBusy = takenAway >= often || watcherLateMs >= missingMs / 2;
  return isBusy ? { overloaded: true, processorMs } : {};
}

type MachineLoad = Pick<Stall, 'overloaded' | 'processorMs'>;

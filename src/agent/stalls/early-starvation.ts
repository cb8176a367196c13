/** Notices that reactions of promises, or ticks, keep the loop from ever starting: what they take is no start-up of the program any more. */
import { newSamples, type Sample } from './samples.ts';
import { endStartup } from './startup.ts';
import type { Turn } from './turn.ts';

/** Programs do such work while they start, too. Milliseconds. */
const STARVED_MS = 1000;

/** Since code of the program runs in reactions or ticks alone, with nothing of the loading of modules in between. */
let phase: Turn | undefined;

/** `turn`: a start-up that goes on. Answers where it is to be found out who queues the next reaction. */
export const queuedIn = (turn: Turn): Turn => (turn.startup ? (phase ?? turn) : turn);

/** Adds a look at the start-up. Answers the turn that takes its place once the loop is found to be starved; the start-up ended where that begins. */
export function starvedTurn(turn: Turn, sample: Sample): Turn | undefined {
  const { run, stack } = sample;
  if (run.kind === 'callbacks' || stack.some(({ file }) => file.startsWith(LOADER))) {
    phase = undefined;
    return undefined;
  }
  phase ??= newPhase(turn);
  phase.samples.add(sample);
  const kind = phase.samples.many(phase.queuedAt !== undefined);
  const isStarved = (kind === 'microtasks' || kind === 'ticks') && turn.seenMs - phase.startMs >= STARVED_MS;
  if (!isStarved) return undefined;
  endStartup();
  const before = phase;
  phase = undefined;
  const since = (key: 'processorMs' | 'takenAway' | 'watcherLateMs'): number => turn[key] - before[key];
  const { seenMs } = turn;
  turn.seenMs = before.startMs;
  return {
    ...before,
    seenMs,
    startup: false,
    starving: true,
    processorMs: since('processorMs'),
    takenAway: since('takenAway'),
    watcherLateMs: since('watcherLateMs'),
  };
}

/** Nothing has been told of it. */
function newPhase({ seenMs, ...start }: Turn): Turn {
  const begun: Turn = { ...start, startMs: seenMs, seenMs, samples: newSamples(), calls: new Map(), toldMs: 0 };
  delete begun.stallId;
  delete begun.toldAfterMs;
  delete begun.queuedAt;
  return begun;
}

/** Finds, links and runs modules and the main program, Node 20 to 26. */
const LOADER = 'node:internal/modules/';

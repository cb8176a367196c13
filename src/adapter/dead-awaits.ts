/** Looks on demand for awaits that can never go on: has V8 collect all garbage, and sees which awaited promises are gone. */
import { setTimeout as delay } from 'node:timers/promises';
import { countOf, durationText } from '../model/wording/wording.ts';
import type { DeadAwaitSearch } from '../protocol/dap.ts';
import type { Program } from '../model/program.ts';
import type { Finding } from '../protocol/report.ts';
import type { AgentLink } from './agent-link.ts';
import { isEnding } from './asking.ts';
import { blocked, noAnswer, notConnected, programEnded } from './errors.ts';

/** A program that stands still for so long is worth a question, milliseconds. */
const LONG_MS = 1000;
/** Beyond what the work itself takes, milliseconds: time for a program that is busy. */
const PATIENCE_MS = 10_000;
/** A program may be blocked for a moment; so long it is waited for, looked at so often. Milliseconds. */
const BLOCKED_MS = 2000;
const LOOK_MS = 50;
/** What is watched is kept alive until it is so old, milliseconds. */
const YOUNG_MS = 500;

/** What is searched, and how to learn of its state. */
export interface Search {
  link: AgentLink;
  /** Gets a new state. */
  refresh(): Promise<void>;
  /** All of the last state. */
  findings(): Finding[];
}

/**
 * `anyway`: also when that takes long. `paused`: not now, for V8 does not come to it, and what has been looked at during the pause is kept alive by that until
 * the job that runs is over. Rejects with `noAnswer` or `programEnded`.
 */
export async function searchDeadAwaits(
  search: Search,
  { anyway, paused }: { anyway: boolean; paused: boolean },
): Promise<DeadAwaitSearch> {
  const late = new AbortController();
  try {
    const estimateMs = await inTime(search.link.heap.collectionMs(), PATIENCE_MS, late.signal);
    if (estimateMs > LONG_MS && !anyway) {
      const text = `To find what nothing can settle any more, V8 collects all garbage. That takes about ${durationText(estimateMs)}, in which the program stands still.`;
      return { verdict: 'long', text, estimateMs, findings: [] };
    }
    if (paused) return LATER;
    return await inTime(collectAndLook(search, estimateMs), PATIENCE_MS + 10 * estimateMs, late.signal);
  } catch (error) {
    throw isEnding(error) ? programEnded() : error;
  } finally {
    late.abort();
  }
}

const LATER: DeadAwaitSearch = {
  verdict: 'later',
  text: 'The program is paused. Dead awaits are looked for as soon as it goes on; what is found comes with the other findings.',
  findings: [],
};

async function inTime<T>(work: Promise<T>, limitMs: number, signal: AbortSignal): Promise<T> {
  const limit = delay(limitMs, undefined, { signal }).then((): never => {
    throw noAnswer();
  });
  return Promise.race([work, limit]);
}

/** The lines are asked for before, because of what is gone they can't be any more; and who waited is seen only after the promise was met as gone. */
async function collectAndLook({ link, refresh, findings }: Search, estimateMs: number): Promise<DeadAwaitSearch> {
  await refresh();
  await link.sweep();
  const from = performance.now();
  if (!(await link.heap.collect(PATIENCE_MS + 5 * estimateMs))) throw noAnswer();
  const tookMs = performance.now() - from;
  await refresh();
  await link.sweep();
  await refresh();
  const dead = findings().filter(({ rule }) => rule === 'dead-await');
  const cost = `The collection took ${durationText(tookMs)}.`;
  if (dead.length > 0)
    return { verdict: 'found', text: `${countOf(dead.length, 'dead await')}. ${cost}`, findings: dead };
  const young = `Awaits that began in the last ${durationText(YOUNG_MS)} were not looked at.`;
  const text = `No dead await: something is left that can settle what code waits for. ${young} ${cost}`;
  return { verdict: 'none', text, findings: [] };
}

/** Searches in one observed program. */
export interface DeadAwaitSearches {
  /** As {@link searchDeadAwaits}; at a pause the search takes place after it. */
  search(anyway: boolean): Promise<DeadAwaitSearch>;
  /** The debugger has let the program go. */
  resumed(): void;
}

/** `told`: called when a search has found something. */
export function newDeadAwaitSearches(
  observed: Omit<Search, 'link'> & {
    link(): AgentLink | undefined;
    program: Program;
    isPaused(): boolean;
    /** Its event loop does not turn at the moment. */
    isBlocked(): boolean;
    told(): void;
  },
): DeadAwaitSearches {
  let isDue = false;

  const isHeldUp = (): boolean => observed.program.exit === undefined && observed.isBlocked() && !observed.isPaused();

  async function search(anyway: boolean): Promise<DeadAwaitSearch> {
    for (let ms = 0; isHeldUp(); ms += LOOK_MS) {
      if (ms >= BLOCKED_MS) throw blocked();
      await delay(LOOK_MS);
    }
    const link = observed.link();
    if (observed.program.exit !== undefined) throw programEnded();
    if (link === undefined) throw notConnected();
    const paused = observed.isPaused();
    const answer = await searchDeadAwaits({ ...observed, link }, { anyway, paused });
    if (answer.verdict === 'later') isDue = true;
    if (answer.verdict === 'found') observed.told();
    return answer;
  }

  return {
    search,
    resumed() {
      if (!isDue) return;
      isDue = false;
      search(true).catch(() => {
        isDue = observed.isPaused(); // a step was too short for it; or the program has ended
      });
    },
  };
}

/** Looks on demand for awaits that can never go on: has V8 collect all garbage, and sees which awaited promises are gone. */
import { setTimeout as delay } from 'node:timers/promises';
import { countOf, durationText } from '../model/wording/wording.ts';
import type { DeadAwaitSearch } from '../protocol/dap.ts';
import type { Finding } from '../protocol/report.ts';
import type { AgentLink } from './agent-link.ts';
import { isEnding } from './asking.ts';
import { noAnswer, programEnded } from './errors.ts';

/** A program that stands still for so long is worth a question, milliseconds. */
const LONG_MS = 1000;
/** Beyond what the work itself takes, milliseconds: time for a program that is busy. */
const PATIENCE_MS = 10_000;
/** What is watched is kept alive until it is so old, milliseconds. */
const YOUNG_MS = 500;

interface Search {
  link: AgentLink;
  /** A new state. */
  refresh(): Promise<void>;
  /** All of the last state. */
  findings(): Finding[];
  anyway: boolean;
  paused: boolean;
}

/** Rejects with `noAnswer` or `programEnded`. At a pause nothing is asked first: the program stands still anyway. */
export async function searchDeadAwaits(search: Search): Promise<DeadAwaitSearch> {
  const { link, anyway, paused } = search;
  const late = new AbortController();
  try {
    const estimateMs = await inTime(link.heap.collectionMs(), PATIENCE_MS, late.signal);
    if (estimateMs > LONG_MS && !anyway && !paused) {
      const text = `To find what nothing can settle any more, V8 collects all garbage. That takes about ${durationText(estimateMs)}, in which the program stands still.`;
      return { verdict: 'long', text, estimateMs, findings: [] };
    }
    return await inTime(collectAndLook(search, estimateMs), PATIENCE_MS + 10 * estimateMs, late.signal);
  } catch (error) {
    throw isEnding(error) ? programEnded() : error;
  } finally {
    late.abort();
  }
}

async function inTime<T>(work: Promise<T>, limitMs: number, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    delay(limitMs, undefined, { signal }).then((): never => {
      throw noAnswer();
    }),
  ]);
}

/** The lines are asked for before, because of what is gone they can't be any more; and who waited is seen only after the promise was met as gone. */
async function collectAndLook(
  { link, refresh, findings, paused }: Search,
  estimateMs: number,
): Promise<DeadAwaitSearch> {
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
  const but = paused
    ? 'At a pause some objects are kept alive that are let go of otherwise: ask again while the program runs.'
    : `Awaits that began in the last ${durationText(YOUNG_MS)} were not looked at.`;
  return {
    verdict: 'none',
    text: `No dead await: something is left that can settle what code waits for. ${but} ${cost}`,
    findings: [],
  };
}

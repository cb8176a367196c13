/** Collects the stacks taken during one turn of the loop and tells which stands for it, and whether one callback ran or many. */
import type { Frame, StallKind } from '../../protocol/agent.ts';
import { isForeign } from '../stacks/origin.ts';
import type { Run } from './runs.ts';

const MAX_SAMPLES = 40;

/** A look at the running turn. */
export interface Sample {
  stack: Frame[];
  /** Taken after a delay, so that the culprit may have returned already. */
  late: boolean;
  /** As in a stall. */
  after: boolean;
  /** It stands for that much time, milliseconds. */
  ms: number;
  run: Run;
}

/** Stacks of one turn. */
export interface Samples {
  /** The first 40 count; without a stack only those between two reactions of promises. */
  add(sample: Sample): void;
  /** The stack of the function that took the most time; one taken late only when there is little else. */
  best(): Pick<Sample, 'stack' | 'late' | 'after'> | undefined;
  /**
   * Many short runs instead of a long one, and of what kind; undefined when one took half of the time or more. `queues`: the code was seen that queues the
   * next tick. Otherwise what ran as ticks, and reactions to promises that were there before, may have been queued by one event after the other of the same turn.
   */
  many(queues: boolean): StallKind | undefined;
  /** Whether most of the time was spent below such a frame; the stack from the outermost such frame's caller on. */
  below(isSuch: (frame: Frame) => boolean): Frame[] | undefined;
}

const userFrame = (stack: readonly Frame[]): Frame | undefined => stack.find((frame) => !isForeign(frame)) ?? stack[0];

/** Lines differ from sample to sample in one loop: the function tells. */
function functionKey(stack: readonly Frame[]): string {
  const frame = userFrame(stack);
  return frame === undefined ? '' : `${frame.file}\n${frame.function}`;
}

const hasUserFrame = (stack: readonly Frame[]): boolean => stack.some((frame) => !isForeign(frame));

/** Samples in one function. */
interface Entry {
  samples: Sample[];
  inTimeMs: number;
  lateMs: number;
}

/** The one that stands for them: in time or late, as most of the time was, in the line seen for longest and what that called for longest. */
function typical(samples: readonly Sample[], isLate: boolean): Sample | undefined {
  const such = samples.filter(({ late }) => late === isLate);
  const chosen = such.length > 0 ? such : samples;
  const lines = new Map<number | undefined, number>();
  for (const { stack, ms } of chosen) add(lines, userFrame(stack)?.line, ms);
  const { key } = largest(lines);
  const inLine = chosen.filter(({ stack }) => userFrame(stack)?.line === key);
  const called = new Map<string, number>();
  for (const { stack, ms } of inLine) add(called, calleeOf(stack), ms);
  const most = largest(called).key;
  return inLine.find(({ stack }) => calleeOf(stack) === most);
}

/** What the program's innermost function had called; empty when that itself ran. */
const calleeOf = (stack: readonly Frame[]): string =>
  stack[stack.findIndex((frame) => !isForeign(frame)) - 1]?.function ?? '';

/** What took the most, and its share of all, 0 to 1. */
function largest<K>(times: ReadonlyMap<K, number>): { key: K | undefined; share: number } {
  let key: K | undefined;
  let most = 0;
  let all = 0;
  for (const [each, ms] of times) {
    all += ms;
    if (ms <= most) continue;
    most = ms;
    key = each;
  }
  return { key, share: all === 0 ? 0 : most / all };
}

/** Whether most reactions seen are to promises made after the first look: who only waited for what has happened does not queue the next one. */
function isQueuedWithin([first, ...others]: readonly Sample[]): boolean {
  const times = new Map<boolean, number>();
  for (const { run, ms } of others) {
    if (run.kind === 'microtasks') add(times, run.promise === undefined || run.promise > (first?.run.made ?? 0), ms);
  }
  return largest(times).key !== false;
}

const add = <K>(times: Map<K, number>, key: K, ms: number): void => void times.set(key, (times.get(key) ?? 0) + ms);

/** No samples yet. */
export function newSamples(): Samples {
  const seen = new Map<string, Entry>();
  const samples: Sample[] = [];
  const runs = new Map<string, number>();
  const kinds = new Map<StallKind, number>();
  return {
    add(sample) {
      const { stack, late, ms, run } = sample;
      if (samples.length >= MAX_SAMPLES || (stack.length === 0 && run.kind !== 'microtasks')) return;
      samples.push(sample);
      add(runs, run.id, ms);
      add(kinds, run.kind, ms);
      const key = functionKey(stack);
      const entry = seen.get(key) ?? { samples: [], inTimeMs: 0, lateMs: 0 };
      seen.set(key, entry);
      entry.samples.push(sample);
      if (late) entry.lateMs += ms;
      else entry.inTimeMs += ms;
    },
    best() {
      const entries = [...seen.values()];
      const sum = (part: (entry: Entry) => number): number => entries.reduce((all, each) => all + part(each), 0);
      const inTime = sum(({ inTimeMs }) => inTimeMs) >= sum(({ lateMs }) => lateMs);
      const weight = (entry: Entry): number =>
        (inTime ? entry.inTimeMs : entry.lateMs) + (hasUserFrame(entry.samples[0]?.stack ?? []) ? MUCH_MS : 0);
      const best = typical(entries.sort((a, b) => weight(b) - weight(a))[0]?.samples ?? [], !inTime);
      return best === undefined ? undefined : { stack: best.stack, late: best.late || !inTime, after: best.after };
    },
    many(queues) {
      if (samples.length < 2) return undefined;
      const most = largest(kinds).key;
      const isChain = most === 'ticks' ? queues : most === 'microtasks' && isQueuedWithin(samples);
      const kind = most === undefined || isChain ? most : 'callbacks';
      // Two callbacks are not many, but two reactions or ticks found by chance are.
      const isDoubtful = runs.size < samples.length || (samples.length === 2 && kind === 'callbacks');
      return !isDoubtful || largest(runs).share < 0.5 ? kind : undefined;
    },
    below(isSuch) {
      const such = samples.filter(({ stack }) => stack.some(isSuch));
      const ms = (list: readonly Sample[]): number => list.reduce((sum, each) => sum + each.ms, 0);
      const first = such[0];
      if (first === undefined || ms(such) < ms(samples) / 2) return undefined;
      return first.stack.slice(first.stack.findLastIndex(isSuch) + 1);
    },
  };
}

/** A stack of the program's own is worth more than one of Node's, however short. */
const MUCH_MS = 1e9;

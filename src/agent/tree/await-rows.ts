/** Follows calls of async functions from await to await, a few at a time and only at polls: which lines come one after the other, and how long each takes. */
import { performance } from 'node:perf_hooks';
import type { AwaitRow, AwaitStep } from '../../protocol/await-rows.ts';
import { isEnd, probeChains } from '../walks/await-chains.ts';
import { newTimeBudget } from '../budget.ts';
import type { FrameIndex } from './members.ts';
import { isForeign } from '../stacks/origin.ts';
import { canProbe, masked } from '../walks/probe.ts';
import { eachOfLatest, seen } from '../promises/promise-list.ts';
import { callOf, type Call, type PromiseRecord } from '../promises/promise-record.ts';
import { siteAt } from '../stacks/sites.ts';
import { complete } from './slices.ts';

/** Records looked at in one poll: some microseconds. */
const MAX_LOOKS = 1000;
/** Awaits of which the line is asked for in one poll. */
const MAX_PROBES = 8;
/** Calls followed at a time. */
const MAX_CALLS = 200;
/** Kinds of rows that are remembered. */
const MAX_ROWS = 100;
/** Lines of one call. */
const MAX_LINES = 16;
/** Younger awaits are mostly over before the next poll; older ones were there before anybody looked, or wait for the outside. Milliseconds. */
const FROM_MS = 5;
const UNTIL_MS = 500;
/** A call that has gone on so often is followed whatever it awaits: it may be one that sleeps a moment and looks again. */
const OFTEN = 50;
/** Share of the time that looking may take. */
const SHARE = 0.005;
const BURST_MS = 4;
/** Less is not worth telling. */
const LEAST_AWAITS = 3;
const LEAST_MS = 50;

type Step = Omit<AwaitStep, 'frame'>;

/** A call that is followed. */
interface Followed {
  steps: Map<number, Step>;
  unseen: Step;
  /** Where it was seen last. */
  site: number;
  /** Number of that await. */
  seq: number;
  atMs: number;
  resumptions: number;
  seenMs: number;
  /** What the loop had been at work by then. */
  loopMs: number;
}

interface Row {
  call: Followed;
  totalMs: number;
  calls: number;
}

/** By the number of a call's first await, which stays the same however much is learnt of the call. */
const followed = new Map<number, Followed>();
const rows = new Map<string, Row>();
const budget = newTimeBudget(SHARE, BURST_MS);

/** Time for which the loop has been at work, milliseconds. */
let loopMs = 0;

/** To be called at each poll; while a reaction of the program runs there is nothing to see. Time in which a debugger holds the program is nobody's: what was seen before is kept. */
export function followAwaits(nowMs: number, paused: boolean): void {
  if (paused) {
    for (const [id, call] of followed) end(id, call);
    return;
  }
  if (!canProbe() || !budget.take(nowMs)) return;
  const start = performance.now();
  loopMs = performance.eventLoopUtilization().active;
  const waits: PromiseRecord[] = [];
  const unknown: PromiseRecord[] = [];
  eachOfLatest(MAX_LOOKS, (record) => {
    if (!isEnd(record) || record.link || record.parent?.isPending !== true) return;
    const isFollowed = followed.has(record.call?.seq ?? record.seq);
    if (!isFollowed && (!isWorthwhile(record, nowMs) || followed.size + waits.length >= MAX_CALLS)) return;
    if (record.chain !== null) waits.push(seen(record));
    else if (unknown.length < MAX_PROBES) unknown.push(seen(record));
  });
  if (unknown.length > 0) masked(() => complete(probeChains(unknown, Infinity)));
  for (const wait of [...waits, ...unknown]) follow(wait, nowMs);
  for (const [id, call] of followed) if (call.seenMs !== nowMs) end(id, call);
  budget.spent(performance.now() - start);
}

function isWorthwhile({ atMs, call }: PromiseRecord, nowMs: number): boolean {
  const ageMs = nowMs - atMs;
  return ageMs <= UNTIL_MS && (ageMs >= FROM_MS || (call?.resumptions ?? 0) >= OFTEN);
}

/** Takes in where a call is suspended. */
function follow(wait: PromiseRecord, nowMs: number): void {
  const [site] = wait.chain ?? [];
  if (site === undefined || !isOfProgram(site)) return;
  const call = callOf(wait);
  const known = followed.get(call.seq);
  if (known === undefined) return begin(call, wait, site, nowMs);
  if (known.seq !== wait.seq) goOn(known, call, wait, site);
  known.seenMs = nowMs;
}

function begin(call: Call, { seq, atMs }: PromiseRecord, site: number, seenMs: number): void {
  const { resumptions } = call;
  followed.set(call.seq, {
    steps: new Map(),
    unseen: newStep(),
    site,
    seq,
    atMs,
    resumptions,
    seenMs,
    loopMs,
  });
}

/** It is at another await than last time, and perhaps had others in between. */
function goOn(known: Followed, { resumptions }: Call, { seq, atMs }: PromiseRecord, site: number): void {
  const count = Math.max(1, resumptions - known.resumptions);
  const isSeen = count === 1 || site === known.site;
  add(isSeen ? stepAt(known) : known.unseen, count, atMs - known.atMs, loopMs - known.loopMs);
  Object.assign(known, { site, seq, atMs, resumptions, loopMs });
}

const newStep = (): Step => ({ count: 0, ms: 0, loopMs: 0 });

function add(step: Step, count: number, ms: number, ofLoop: number): void {
  step.count += count;
  step.ms += Math.max(0, ms);
  step.loopMs += ofLoop;
}

function stepAt({ steps, site, unseen }: Followed): Step {
  let step = steps.get(site);
  if (step === undefined) {
    if (steps.size >= MAX_LINES) return unseen;
    steps.set(site, (step = newStep()));
  }
  return step;
}

/** A place in code of the program's own. */
function isOfProgram(site: number): boolean {
  const { frame } = siteAt(site);
  return frame !== undefined && !isForeign(frame);
}

function end(id: number, call: Followed): void {
  followed.delete(id);
  const row = rowOf(call);
  if (row === undefined) return;
  const key = [...row.call.steps.keys()].join(' ');
  const known = rows.get(key);
  if (known === undefined && rows.size >= MAX_ROWS) forgetShortest();
  const longest = known !== undefined && known.totalMs > row.totalMs ? known : row;
  rows.set(key, { ...longest, calls: (known?.calls ?? 0) + 1 });
}

/** With the await in which it was seen last, for as long as that was seen; undefined for what is not worth telling. */
function rowOf(call: Followed): Row | undefined {
  const whole = { ...call, steps: new Map([...call.steps].map(([site, step]) => [site, { ...step }])) };
  add(stepAt(whole), 1, call.seenMs - call.atMs, 0);
  const all = [...whole.steps.values(), whole.unseen];
  const count = all.reduce((sum, step) => sum + step.count, 0);
  const totalMs = all.reduce((sum, step) => sum + step.ms, 0);
  return count < LEAST_AWAITS || totalMs < LEAST_MS ? undefined : { call: whole, totalMs, calls: 1 };
}

function forgetShortest(): void {
  const [shortest] = [...rows].toSorted(([, a], [, b]) => a.totalMs - b.totalMs);
  if (shortest !== undefined) rows.delete(shortest[0]);
}

const rounded = ({ count, ms, loopMs: ofLoop }: Step): Step => ({
  count,
  ms: Math.round(ms),
  loopMs: Math.round(ofLoop),
});

/** The rows seen so far, and those of calls that go on. */
export function awaitRows(frameIndex: FrameIndex): AwaitRow[] {
  const open = [...followed.values()].map(rowOf).filter((row) => row !== undefined);
  return [...rows.values(), ...open].map(({ call: { steps, unseen }, calls }) => ({
    steps: [...steps].flatMap(([site, step]) => {
      const frame = frameIndex(site);
      return frame === undefined ? [] : [{ frame, ...rounded(step) }];
    }),
    ...(unseen.count === 0 ? {} : { unseen: rounded(unseen) }),
    calls,
  }));
}

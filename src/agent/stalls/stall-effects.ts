/** Tells what had to wait because of a stall: timers that were due and the tasks that awaited them, tasks whose await was over, HTTP requests. */
import { performance } from 'node:perf_hooks';
import type { Stall } from '../../protocol/agent.ts';
import type { HeldUp, LateTimer, StallEffects } from '../../protocol/stall-effects.ts';
import { guarded } from '../faults.ts';
import { probeChains } from '../walks/await-chains.ts';
import { eachOfLatest } from '../promises/promise-list.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { runningRecord } from '../promises/promises.ts';
import { isRef, isScheduled, timerDueMs } from '../resources/resource-facts.ts';
import { ResourceRecord } from '../resources/resource-record.ts';
import { knownResources } from '../resources/resources.ts';
import { siteAt } from '../stacks/sites.ts';
import { complete } from '../tree/slices.ts';
import { countRequests, requestsAfter, stopCounting } from './stall-requests.ts';

/** A timer may be so late without being held up. Milliseconds. */
const USUAL_MS = 10;
/** So soon after a stall's end it is worth to look: what has fired by then is not seen. Milliseconds. */
const JUST_OVER_MS = 50;
/** A stall is looked at again when it is so much longer. */
const FURTHER = 1.5;
/** A look is at the timers of at least so long from now. */
const AHEAD_MS = 200;
/** A look takes about a millisecond at most. */
const MAX_LOOKED_AT = 10_000;
const MAX_LINES = 10;
/** Awaits whose lines are asked for in one look; 5 to 20 us each. */
const MAX_PROBED = 64;
const PROBE_MS = 1;
/** Without a poll for so long nobody watches. Milliseconds. */
const POLLED_MS = 1000;
/** The first poll after a stall can come before its timers fire. */
const POLLS = 2;
/** Stalls that may still be told of. */
const MAX_WATCHES = 8;

/** A timer that had yet to fire. */
type Due = Pick<LateTimer, 'api' | 'delayMs'> & {
  dueMs: number;
  fired: boolean;
  /** Held for the next polls, to see whether it fires; not while nobody polls. */
  timer: object | undefined;
};

/** What was seen of one stall. */
interface Watch {
  /** The next look is worth it when the stall has lasted so long. */
  nextMs: number;
  timers: Map<ResourceRecord, Due>;
  /** Lines where such timers are awaited; empty when they are not known. */
  awaits: Map<ResourceRecord, readonly number[]>;
  /** Lines of awaits that were over, with their number. */
  ready: Map<number, number>;
  /** Polls since it was over. */
  polls: number;
  /** The stall as told last. */
  stall: Stall;
}

const watches = new Map<number, Watch>();
/** Stalls of which more may become known. */
const unsettled = new Set<Watch>();
let polledMs = -Infinity;

function watchOf(stall: Stall): Watch {
  let watch = watches.get(stall.id);
  if (watch === undefined) {
    watch = {
      nextMs: 0,
      timers: new Map(),
      awaits: new Map(),
      ready: new Map(),
      polls: 0,
      stall,
    };
    watches.set(stall.id, watch);
    for (const [id, old] of watches) if (watches.size > MAX_WATCHES && watches.delete(id)) unsettled.delete(old);
  }
  watch.stall = stall;
  return watch;
}

/** Timers of Node's own that run on, such as the clock of `fetch`, which is made like any other and keeps nothing alive. */
function isNodesClock({ sites }: ResourceRecord, timer: object): boolean {
  return !isRef(timer) && sites.every((site) => siteAt(site).isNodes);
}

/** Those that may be due before the next look. */
function lookAtTimers(watch: Watch, nowMs: number): void {
  const known = knownResources();
  const isWatched = nowMs - polledMs < POLLED_MS;
  const untilMs = nowMs + Math.max(watch.stall.durationMs, AHEAD_MS);
  for (let i = Math.max(0, known.length - MAX_LOOKED_AT); i < known.length; i++) {
    const record = known[i];
    if (record?.type !== 'Timeout' || watch.timers.has(record)) continue;
    const timer = record.target?.deref();
    const dueMs = timer === undefined || !isScheduled(timer) ? undefined : timerDueMs(timer);
    if (timer === undefined || dueMs === undefined || dueMs > untilMs || isNodesClock(record, timer)) continue;
    const facts = record.facts(timer);
    if (facts.kind !== 'timer') continue;
    const { api, delayMs } = facts;
    watch.timers.set(record, { api, delayMs, dueMs, fired: false, timer: isWatched ? timer : undefined });
  }
}

function lookAtTasks(watch: Watch): void {
  const running = runningRecord();
  const ready = new Map<number, number>();
  const waiters: { timer: ResourceRecord; waiter: PromiseRecord }[] = [];
  eachOfLatest(MAX_LOOKED_AT, (record) => {
    const { source } = record;
    if (source instanceof ResourceRecord && watch.timers.has(source)) {
      if (record.first !== null) waiters.push({ timer: source, waiter: record.first });
      return;
    }
    const site = record.chain?.[0];
    if (record === running || site === undefined || !record.isReady || siteAt(site).isNodes) return;
    ready.set(site, (ready.get(site) ?? 0) + 1);
  });
  for (const [site, count] of ready) watch.ready.set(site, Math.max(count, watch.ready.get(site) ?? 0));
  // A probe inside a reaction would show in the stacks of errors made there later.
  if (running === null)
    complete(
      probeChains(
        waiters.slice(0, MAX_PROBED).map(({ waiter }) => waiter),
        PROBE_MS,
      ),
    );
  for (const { timer, waiter } of waiters) watch.awaits.set(timer, waiter.chain ?? []);
}

/**
 * Whether it has fired or will: one that was cleared does not. Of one that was collected before it was seen to have fired that is not known, so it counts as
 * cleared.
 */
function fires({ target }: ResourceRecord, due: Due): boolean {
  if (due.fired) return true;
  const timer = due.timer ?? target?.deref();
  const nextMs = timer === undefined ? undefined : timerDueMs(timer);
  if (timer === undefined || nextMs === undefined) return false;
  due.fired = !isScheduled(timer) || nextMs > due.dueMs;
  return true;
}

function addTo<T extends { count: number }>(map: Map<string, T>, key: string, make: () => T): T {
  let entry = map.get(key);
  if (entry === undefined) map.set(key, (entry = make()));
  entry.count++;
  return entry;
}

const framesOf = (sites: readonly number[]): HeldUp['stack'] =>
  sites.map((site) => siteAt(site).frame).filter((frame) => frame !== undefined);

/** Timers set in one line are equal, whoever called it. */
function keyOf({ sites }: ResourceRecord, { api, delayMs }: Due): string {
  const line = sites.find((site) => !siteAt(site).isNodes);
  return `${line ?? ''} ${api} ${delayMs}`;
}

function effectsOf({ timers, awaits, ready, stall }: Watch): StallEffects {
  const { id, startMs, durationMs } = stall;
  const endMs = startMs + durationMs;
  const late = new Map<string, LateTimer>();
  const tasks = new Map<string, HeldUp>();
  for (const [site, count] of ready) tasks.set(String(site), { stack: framesOf([site]), count });
  for (const [record, due] of timers) {
    const lateMs = endMs - due.dueMs;
    if (lateMs < USUAL_MS || !fires(record, due)) continue;
    const { api, delayMs } = due;
    const make = (): LateTimer => ({ api, delayMs, lateMs: 0, count: 0, stack: framesOf(record.sites) });
    const timer = addTo(late, keyOf(record, due), make);
    timer.lateMs = Math.max(timer.lateMs, Math.round(lateMs));
    const chain = awaits.get(record);
    if (chain !== undefined) addTo(tasks, String(chain[0] ?? ''), () => ({ stack: framesOf(chain), count: 0 }));
  }
  return {
    tasks: [...tasks.values()].sort((a, b) => b.count - a.count).slice(0, MAX_LINES),
    timers: [...late.values()].sort((a, b) => b.lateMs - a.lateMs).slice(0, MAX_LINES),
    requests: requestsAfter(id),
  };
}

function describe(watch: Watch): void {
  const effects = effectsOf(watch);
  if (effects.tasks.length + effects.timers.length + effects.requests > 0) watch.stall.effects = effects;
  else delete watch.stall.effects;
}

/** Adds to a stall what waits for its end; called with each new word about it. */
export function addEffects(stall: Stall): void {
  if (stall.kind === 'startup') return;
  guarded(
    'effects of a stall',
    () => {
      const nowMs = performance.now();
      const watch = watchOf(stall);
      unsettled.add(watch);
      if (stall.open || nowMs - stall.startMs - stall.durationMs < JUST_OVER_MS) {
        countRequests(stall.id);
        if (stall.durationMs >= watch.nextMs) {
          watch.nextMs = stall.durationMs * FURTHER;
          lookAtTimers(watch, nowMs);
          lookAtTasks(watch);
        }
      }
      describe(watch);
    },
    undefined,
  );
}

/** Whether all that it held up has gone on. */
function isSettled({ timers, stall }: Watch): boolean {
  if (stall.open) return false;
  const endMs = stall.startMs + stall.durationMs;
  for (const [record, due] of timers) if (due.dueMs <= endMs && fires(record, due) && !due.fired) return false;
  return true;
}

/** Brings the last stalls up to date: requests that have come in since, timers that were cleared after all. */
export function updateEffects(): void {
  if (unsettled.size === 0) return;
  guarded(
    'effects of a stall',
    () => {
      const counted = stopCounting();
      for (const watch of unsettled) {
        describe(watch);
        if (!counted || !isSettled(watch)) continue;
        unsettled.delete(watch);
      }
    },
    undefined,
  );
}

/** Called at each poll: lets go of the timers that have fired or have had the time to. */
export function pollEffects(): void {
  polledMs = performance.now();
  updateEffects();
  for (const watch of watches.values()) {
    if (watch.stall.open || watch.polls > POLLS) continue;
    watch.polls++;
    for (const due of watch.timers.values()) if (due.fired || watch.polls > POLLS) due.timer = undefined;
  }
}

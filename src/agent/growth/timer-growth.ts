/** Counts the timers that one line makes, for the rule about timers that nobody clears. */
import type { Growth } from '../../protocol/growth.ts';
import { turnNow } from '../stalls/loop.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { siteAt } from '../stacks/sites.ts';
import type { ResourceRecord } from '../resources/resource-record.ts';

/** All timers whose stack was taken at one place. */
export interface TimerLine {
  sites: readonly number[];
  made: number;
}

const lines = new Map<string, TimerLine>();
const MAX_LINES = 2000;

function count(sites: readonly number[]): TimerLine | undefined {
  const key = sites.join();
  let line = lines.get(key);
  if (line === undefined) {
    if (lines.size >= MAX_LINES) return undefined;
    lines.set(key, (line = { sites, made: 0 }));
  }
  line.made++;
  return line;
}

/** A timer is being made, and its stack was taken. */
export function countTimer(record: ResourceRecord): void {
  record.line = count(record.sites);
  record.turn = turnNow();
}

/** Where a timer of `node:timers/promises` was made, and when; it gets a record only if it lives on, with the same array. */
const marks = new WeakMap<readonly number[], { line: TimerLine | undefined; turn: number }>();

/** Such a timer is being made; answers the array that its record must have. */
export function countPromiseTimer(sites: readonly number[]): readonly number[] {
  const own = [...sites];
  marks.set(own, { line: count(sites), turn: turnNow() });
  return own;
}

interface Living {
  interval: ResourceRecord[];
  timeout: ResourceRecord[];
}

const MAX_HOPS = 10;

/** Whether whoever waits for the promise did so in a race; mere reactions, as `sleep(ms).then(expire)`, will be run. Undefined where no stack was taken. */
function isInRace(promise: PromiseRecord): boolean | undefined {
  let last = promise.first;
  for (let hops = 0; last !== null && last.waiters > 0 && hops < MAX_HOPS; hops++) last = last.first;
  if (last === null || last.line === null) return last === null ? false : undefined;
  const [site] = last.line;
  const combinator = site === undefined ? undefined : siteAt(site).combinator;
  return combinator === 'race' || combinator === 'any';
}

/** Those of one line that lost a race: all are alike, and of a sample of them it is known. */
function lostOf(
  records: readonly ResourceRecord[],
  inRace: ReadonlyMap<unknown, boolean | undefined>,
): ResourceRecord[] {
  const known = records.filter((record) => inRace.get(record) !== undefined);
  const raced = known.filter((record) => inRace.get(record) === true);
  return raced.length * 2 > known.length ? records.filter((record) => inRace.get(record) !== false) : [];
}

/**
 * Gathers live timers one by one; a time-out counts when it settles a promise that was to be first in a race, and that no task of this snapshot waits for.
 * `pending`: all promises of the snapshot.
 */
export function newTimerGrowth(pending: readonly PromiseRecord[]): {
  add(record: ResourceRecord, isInterval: boolean): void;
  result(least: number): (Growth & { sites: readonly number[] })[];
} {
  const byLine = new Map<TimerLine, Living>();
  const wasAwaited = new Set<ResourceRecord>();
  let known: Map<unknown, boolean | undefined> | undefined;
  const inRace = (): Map<unknown, boolean | undefined> =>
    (known ??= new Map(pending.flatMap((each) => (each.source === null ? [] : [[each.source, isInRace(each)]]))));
  return {
    add(record, isInterval) {
      if (isInterval && record.isAwaited) wasAwaited.add(record);
      const mark = marks.get(record.sites);
      if (mark !== undefined) ({ line: record.line, turn: record.turn } = mark);
      const { line } = record;
      const isTied = record.isTied || record.fromPromiseFunction;
      if (line === undefined || (!isInterval && (!isTied || record.isAwaited))) return;
      let living = byLine.get(line);
      if (living === undefined) byLine.set(line, (living = { interval: [], timeout: [] }));
      living[isInterval ? 'interval' : 'timeout'].push(record);
    },
    result: (least) =>
      [...byLine].flatMap(([{ sites, made }, living]) =>
        (['interval', 'timeout'] as const).flatMap((kind) => {
          const all = living[kind];
          if (all.length < least) return [];
          const records = kind === 'interval' ? all : lostOf(all, inRace());
          if (records.length < least) return [];
          const turns = new Set(records.map(({ turn }) => turn)).size;
          const awaited = records.filter((record) => wasAwaited.has(record)).length;
          const { length: live } = records;
          return [{ kind, frames: [], sites, live, turns, made, ...(awaited === 0 ? {} : { awaited }) }];
        }),
      ),
  };
}

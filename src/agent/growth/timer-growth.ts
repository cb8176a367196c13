/** Counts the timers that one line makes, for the rule about timers that nobody clears. */
import type { Growth } from '../../protocol/growth.ts';
import { turnNow } from '../stalls/loop.ts';
import type { ResourceRecord } from '../resources/resource-record.ts';

/** All timers whose stack was taken at one place. */
export interface TimerLine {
  sites: readonly number[];
  made: number;
}

const lines = new Map<string, TimerLine>();
const MAX_LINES = 2000;

/** A timer is being made, and its stack was taken. */
export function countTimer(record: ResourceRecord): void {
  const { sites } = record;
  const key = sites.join();
  let line = lines.get(key);
  if (line === undefined) {
    if (lines.size >= MAX_LINES) return;
    lines.set(key, (line = { sites, made: 0 }));
  }
  line.made++;
  record.line = line;
  record.turn = turnNow();
}

interface Living {
  interval: ResourceRecord[];
  timeout: ResourceRecord[];
}

/** Gathers live timers one by one; a time-out counts when it settles a promise that no task of this snapshot waits for. */
export function newTimerGrowth(): {
  add(record: ResourceRecord, isInterval: boolean): void;
  result(least: number): (Growth & { sites: readonly number[] })[];
} {
  const byLine = new Map<TimerLine, Living>();
  const wasAwaited = new Set<ResourceRecord>();
  return {
    add(record, isInterval) {
      if (isInterval && record.isAwaited) wasAwaited.add(record);
      const { line } = record;
      if (line === undefined || (!isInterval && (!record.isTied || record.isAwaited))) return;
      let living = byLine.get(line);
      if (living === undefined) byLine.set(line, (living = { interval: [], timeout: [] }));
      living[isInterval ? 'interval' : 'timeout'].push(record);
    },
    result: (least) =>
      [...byLine].flatMap(([{ sites, made }, living]) =>
        (['interval', 'timeout'] as const).flatMap((kind) => {
          const records = living[kind];
          if (records.length < least) return [];
          const turns = new Set(records.map(({ turn }) => turn)).size;
          const awaited = records.filter((record) => wasAwaited.has(record)).length;
          const { length: live } = records;
          return [{ kind, frames: [], sites, live, turns, made, ...(awaited === 0 ? {} : { awaited }) }];
        }),
      ),
  };
}

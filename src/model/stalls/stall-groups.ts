/** Merges stalls of the same kind at the same line: one entry with a count and the worst of them. */
import type { Stall } from '../../protocol/agent.ts';
import type { Place } from '../place.ts';
import { lineKey } from '../place.ts';
import type { Location } from '../../protocol/report.ts';
import type { Sources } from '../sources.ts';
import { stallPlace } from './stall-place.ts';
import { durationText } from '../wording/wording.ts';

/** Equal stalls. */
export interface StallGroup {
  /** The longest one. */
  worst: Stall;
  /** The longest one of which there is a profile. */
  profiled?: Stall;
  /** Id of the first one. */
  firstId: number;
  place?: Place;
  /** As in {@link StallPlace}, of the longest one. */
  call?: string;
  stack: Location[];
  count: number;
  totalMs: number;
  /** One of them is still going on. */
  open: boolean;
}

/** The groups, those first that cost the most time in all; one that is still going on comes before them, start-up last. Stalls without a place are merged only when they say why they happened. */
export function groupStalls(stalls: readonly Stall[], sources: Sources): StallGroup[] {
  const groups = new Map<string, StallGroup>();
  for (const stall of stalls) {
    const { place, call, stack } = stallPlace(stall, sources);
    const known = lineKey(place?.location) || stall.api || (stall.kind === 'gc' ? 'gc' : `#${stall.id}`);
    const key = `${stall.kind} ${stall.api ?? ''} ${known}`;
    const group = groups.get(key);
    if (group === undefined) {
      const first = { worst: stall, firstId: stall.id, stack, count: 1, totalMs: stall.durationMs, open: stall.open };
      const profiled = stall.profile === undefined ? {} : { profiled: stall };
      const where = { ...(place === undefined ? {} : { place }), ...(call === undefined ? {} : { call }) };
      groups.set(key, { ...first, ...profiled, ...where });
      continue;
    }
    group.count += 1;
    group.totalMs += stall.durationMs;
    group.open ||= stall.open;
    if (stall.durationMs > group.worst.durationMs) Object.assign(group, { worst: stall, stack, call });
    const longestMs = group.profiled?.durationMs ?? 0;
    if (stall.profile !== undefined && stall.durationMs > longestMs) group.profiled = stall;
  }
  return [...groups.values()].toSorted((a, b) => rank(a) - rank(b) || b.totalMs - a.totalMs);
}

function rank({ open, worst }: StallGroup): number {
  if (open) return 0;
  return worst.kind === 'startup' ? 2 : 1;
}

/** The time for which the loop stood still in all, but for start-up; milliseconds. */
export function lostMs(stalls: readonly Stall[]): number {
  return stalls.reduce((sum, { kind, durationMs }) => (kind === 'startup' ? sum : sum + durationMs), 0);
}

/** What held the loop, in words. */
export function culprit({ worst, place }: StallGroup): string {
  const call = stallCall(worst);
  if (worst.kind === 'startup') return call === undefined ? 'start-up' : `start-up in ${call}`;
  if (call !== undefined) return call;
  switch (worst.kind) {
    case 'gc':
      return 'garbage collection';
    case 'microtasks':
      return starving('promise callbacks', worst, place);
    case 'ticks':
      return starving('process.nextTick callbacks', worst, place);
    case 'callbacks':
      return place === undefined ? 'many short callbacks' : `many short callbacks, most in ${ownerText(place)}`;
    case 'javascript':
    case 'sync-call':
      if (place !== undefined) return ownerText(place);
      return worst.stack.length === 0 ? 'code that was not seen' : 'JavaScript';
  }
}

/** "fs.readFileSync big.json (31 MB)", "calls of fs.existsSync"; undefined when it was no timed call. */
export function stallCall({ api, detail, repeated }: Stall): string | undefined {
  if (api === undefined) return undefined;
  return repeated === true ? `calls of ${callText(api, detail)}` : callText(api, detail);
}

/** "sum", "sum of lodash", "Node.js itself (sum)". */
export function ownerText({ name, library }: Place): string {
  if (library === undefined) return name;
  return library === 'node' ? `Node.js itself (${name})` : `${name} of ${library}`;
}

function starving(callbacks: string, { confidence }: Stall, place: Place | undefined): string {
  if (place === undefined) return callbacks;
  return confidence === 'inferred'
    ? `${callbacks}, most in ${ownerText(place)}`
    : `${callbacks} queued by ${place.name}`;
}

/** "fs.readFileSync big.json (31 MB)". */
export function callText(api: string, detail: string | undefined): string {
  return detail === undefined ? api : `${api} ${detail}`;
}

/** " (probably in Buffer.compare)": what the program called; may be empty. */
export function within(group: StallGroup): string {
  const text = calledText(group);
  return text === undefined ? '' : ` (${text})`;
}

/** "probably in Buffer.compare". */
export function calledText({ worst, call }: StallGroup): string | undefined {
  if (call === undefined || worst.api !== undefined) return undefined;
  return worst.confidence === 'sampled' ? `in ${call}` : `probably in ${call}`;
}

/** "512 ms", or for several "3 times, up to 512 ms". */
export function stallLength({ worst, count }: StallGroup): string {
  const length = durationText(worst.durationMs);
  return count === 1 ? length : `${count} times, up to ${length}`;
}

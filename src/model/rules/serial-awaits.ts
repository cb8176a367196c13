/** `serial-awaits`: awaits one after the other that did not need each other and could have waited at the same time. */
import type { AwaitStep, AwaitRow } from '../../protocol/await-rows.ts';
import type { Snapshot } from '../../protocol/agent.ts';
import type { Finding, Location } from '../../protocol/report.ts';
import { awaitRowsIn, type SourceRow } from '../source/await-rows.ts';
import { framesOf, lineKey, placeOf } from '../place.ts';
import type { Sources } from '../sources.ts';
import { durationText } from '../wording/wording.ts';
import type { Rule } from './rule.ts';

/** Fewer are seldom worth the change. */
const LEAST_AWAITS = 3;
/** Less saved in one call is not told. Milliseconds. */
const LEAST_SAVED_MS = 100;

interface Step extends AwaitStep {
  location: Location;
  name: string;
}

interface Serial {
  kind: SourceRow['kind'];
  steps: Step[];
  count: number;
  spentMs: number;
  possibleMs: number;
  calls: number;
}

/** One finding for each row or loop in the source, of the call that would have saved most. */
export const serialAwaits: Rule = ({ program: { snapshot }, sources }) => {
  if (snapshot === undefined) return [];
  const rows = new Map<string, Serial>();
  for (const seen of snapshot.awaitRows ?? []) {
    for (const serial of serialsOf(seen, snapshot, sources)) {
      const key = lineKey(serial.steps[0]?.location);
      const known = rows.get(key);
      const best = known !== undefined && savedMs(known) > savedMs(serial) ? known : serial;
      rows.set(key, { ...best, calls: (known?.calls ?? 0) + serial.calls });
    }
  }
  return [...rows.values()].flatMap(findingOf);
};

/** While the loop is at work nothing else goes on, however it is awaited. */
const waitedMs = ({ ms, loopMs }: Pick<AwaitStep, 'ms' | 'loopMs'>): number => Math.max(0, ms - loopMs);

const savedMs = ({ spentMs, possibleMs }: Serial): number => spentMs - possibleMs;

function serialsOf({ steps, unseen, calls }: AwaitRow, snapshot: Snapshot, sources: Sources): Serial[] {
  const placed = steps.flatMap((step): Step[] => {
    const place = placeOf(framesOf([step.frame], snapshot), sources);
    const location = place?.location;
    return place === undefined || location === undefined || place.library !== undefined
      ? []
      : [{ ...step, location, name: place.name }];
  });
  const [first] = placed;
  const text = first === undefined ? undefined : sources.textOf?.(first.location.file);
  if (first === undefined || text === undefined) return [];
  const file = placed.filter(({ location }) => location.file === first.location.file);
  return awaitRowsIn(text).flatMap((row): Serial[] => {
    const own = file.filter(({ location }) => row.lines.includes(location.line));
    if (own.length === 0) return [];
    // What happened between two looks belongs to the row only when nothing else was seen.
    const between = own.length === placed.length && unseen !== undefined ? [unseen] : [];
    const all = [...own, ...between];
    const count = all.reduce((sum, step) => sum + step.count, 0);
    const spentMs = all.reduce((sum, step) => sum + waitedMs(step), 0);
    const ordered = own.toSorted((a, b) => a.location.line - b.location.line);
    const possibleMs =
      row.kind === 'loop'
        ? (spentMs * row.awaits) / Math.max(row.awaits, count)
        : Math.max(...all.map((step) => waitedMs(step) / (step === unseen ? 1 : Math.max(1, step.count))));
    return [{ kind: row.kind, steps: ordered, count, spentMs, possibleMs, calls }];
  });
}

function findingOf(serial: Serial): Finding[] {
  const { kind, steps, count, spentMs, possibleMs, calls } = serial;
  const [first, ...rest] = steps;
  if (first === undefined || count < LEAST_AWAITS || savedMs(serial) < LEAST_SAVED_MS) return [];
  const where = kind === 'loop' ? 'in this loop' : 'in a row';
  const often = calls > 1 ? ` in the longest of ${calls} calls seen` : '';
  return [
    {
      rule: 'serial-awaits',
      severity: 'info',
      confidence: 'likely',
      message: `${count} awaits ${where} in ${first.name} that do not need each other took ${durationText(spentMs)}${often}; side by side it would be about ${durationText(possibleMs)}. Start them together and await Promise.all, unless their order matters or too many at once would do harm.`,
      location: first.location,
      related: rest.map((step) => ({
        message: `this one waited ${durationText(waitedMs(step))}`,
        location: step.location,
      })),
      data: { count, spentMs: Math.round(spentMs), possibleMs: Math.round(possibleMs), loop: kind === 'loop' },
    },
  ];
}

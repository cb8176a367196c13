/** How rows tell times: as they are, or in steps that grow with the time, so that a row that is looked at while its program runs seldom changes. Pure. */
import type { WaitFacts } from '../../protocol/agent.ts';
import type { TreeItem } from '../../protocol/dap.ts';
import { ageText, waitDetail } from './wording.ts';

export interface RowTimes {
  age(ageMs: number, fromBefore?: boolean): string | undefined;
  wait(facts: WaitFacts): string;
}

export const EXACT_TIMES: RowTimes = { age: ageText, wait: waitDetail };

/** Ages are rounded down, what is left of a time up. */
export const ROUGH_TIMES: RowTimes = {
  age(ageMs, fromBefore) {
    if (ageMs < 1000 && fromBefore !== true) return '<1 s';
    const text = ageText(roughMs(ageMs, Math.floor), fromBefore);
    return text && withoutTenths(text);
  },
  wait: (facts) => withoutTenths(waitDetail(roughFacts(facts))),
};

/** A description, and the summary where the times of the view make it another. */
export function described(
  text: (times: RowTimes) => string,
  times: RowTimes,
): Pick<TreeItem, 'description' | 'summary'> {
  const [description, summary] = [text(EXACT_TIMES), text(times)];
  return summary === description ? { description } : { description, summary };
}

/** The same for a label and its title. */
export function labelled(text: (times: RowTimes) => string, times: RowTimes): Pick<TreeItem, 'label' | 'title'> {
  const [label, title] = [text(EXACT_TIMES), text(times)];
  return title === label ? { label } : { label, title };
}

/** Up to which time, and the steps until then; milliseconds. */
const STEPS: [number, number][] = [
  [1000, 100],
  [10_000, 1000],
  [60_000, 5000],
  [3_600_000, 60_000],
  [36_000_000, 600_000],
  [Infinity, 3_600_000],
];

function roughMs(ms: number, round: (value: number) => number): number {
  const [, step] = STEPS.find(([end]) => Math.abs(ms) < end) ?? [0, 1];
  return round(ms / step) * step;
}

/** The same wait, with the times in it rounded that change while it lasts. */
function roughFacts(facts: WaitFacts): WaitFacts {
  const abort = facts.abort?.leftMs;
  const rough: WaitFacts =
    abort === undefined ? facts : { ...facts, abort: { ...facts.abort, leftMs: roughMs(abort, Math.ceil) } };
  switch (rough.kind) {
    case 'timer': {
      const { delayMs, leftMs, lateMs } = rough;
      const late = lateMs === undefined ? {} : { lateMs: roughMs(lateMs, Math.floor) };
      return { ...rough, leftMs: Math.min(delayMs, roughMs(leftMs, Math.ceil)), ...late };
    }
    case 'socket':
      return rough.idleMs === undefined ? rough : { ...rough, idleMs: roughMs(rough.idleMs, Math.floor) };
    case 'lock':
      return rough.heldMs === undefined ? rough : { ...rough, heldMs: roughMs(rough.heldMs, Math.floor) };
    case 'event':
      return rough.subject === undefined ? rough : { ...rough, subject: roughFacts(rough.subject) };
    default:
      return rough;
  }
}

const withoutTenths = (text: string): string => text.replaceAll(/\b(\d)\.0 s\b/g, '$1 s');

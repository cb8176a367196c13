/** Says of promises what is asked for by them, where who will settle them may be known besides: a value of an Observable, whose timer goes on. */
import type { Wait, WaitFacts } from '../../protocol/agent.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { PromiseStamp } from '../promises/stamp.ts';

type EventFacts = Extract<WaitFacts, { kind: 'event' }>;

/** Which of the things that it has begun may be what settles it: not a timer, which may be a limit or a beat, unless it is known to be its own. */
export type Gives = 'all' | 'others' | 'nothing';

interface Outline {
  /** Records are used again. */
  seq: number;
  facts: EventFacts;
  gives: Gives;
}

const outlines = new WeakMap<PromiseRecord, Outline>();

/** `facts` must hold nothing of the program; without effect when `promise` is no promise or settled already. */
export function outline(promise: unknown, facts: EventFacts, gives: Gives): void {
  if (typeof promise !== 'object' || promise === null) return;
  const record = PromiseStamp.get(promise);
  if (record?.isPending !== true) return;
  outlines.set(record, { seq: record.seq, facts, gives });
}

function outlineOf(record: PromiseRecord): Outline | undefined {
  const found = outlines.get(record);
  return found?.seq === record.seq ? found : undefined;
}

/** Whether something is said of it. */
export const isOutlined = (record: PromiseRecord): boolean => outlineOf(record) !== undefined;

/** What it waits for: what is said of it, and what will settle it, as far as that is known, which is only likely. */
export function outlined(record: PromiseRecord, known: Wait | undefined): Wait | undefined {
  const found = outlineOf(record);
  if (found === undefined) return known;
  const { facts, gives } = found;
  const isTold = gives === 'all' || (gives === 'others' && known?.facts.kind !== 'timer');
  if (known === undefined || !isTold) return { facts, confidence: 'exact' };
  return { ...known, facts: { ...facts, subject: known.facts }, confidence: 'inferred' };
}

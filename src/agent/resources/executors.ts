/** Ties a promise to what its executor has called, `new Promise(async (resolve) => ...)` or `new Promise((resolve) => { load().then(...) })`: that most likely settles it. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { each, type Steps } from '../tree/slices.ts';
import { executorsAround, hasBeginnings, reactionsInside } from './executor-notes.ts';

/** An async function, or what a reaction waits for, that began while executors ran. */
interface Beginning {
  /** The await, or the reaction. */
  lead: PromiseRecord;
  /** The promise that the function returned; of a reaction the one it waits for. */
  promise: PromiseRecord;
  /** Where in the order of events. */
  segment: number;
  seq: number;
  executors: number;
}

/** For each promise the awaits, or mere reactions, of what its executor called and what goes on since. */
export function* executorLeads(graph: AwaitGraph): Steps<Map<PromiseRecord, PromiseRecord[]>> {
  const found = new Map<PromiseRecord, PromiseRecord[]>();
  if (!hasBeginnings()) return found;
  const beginnings: Beginning[] = [];
  yield* each(graph.awaits, (lead) => {
    const executors = executorsAround(lead);
    const promise = executors === 0 ? undefined : (lead.owner ?? graph.likelyOwners.get(lead));
    if (promise === undefined) return;
    beginnings.push({ lead, promise, segment: promise.segment, seq: promise.seq, executors });
  });
  const called = new Set(beginnings.map(({ promise }) => promise));
  yield* each([...reactionsInside()], ({ record, executors }) => {
    const promise = record.parent;
    // What waits for a function that the executor has called adds nothing.
    if (promise === null || called.has(promise) || !endsHere(record)) return;
    beginnings.push({ lead: record, promise, segment: record.segment, seq: record.seq, executors });
  });
  // What such a function calls in turn has begun in the executor, too.
  const awaited = new Set(beginnings.map(({ lead }) => (isMere(lead) ? null : lead.parent)));
  for (const beginning of beginnings) {
    if (awaited.has(beginning.promise)) continue;
    const outer = outerOf(beginning, graph);
    if (outer === undefined) continue;
    const known = found.get(outer);
    if (known === undefined) found.set(outer, [beginning.lead]);
    else if (known.length < MAX_LEADS) known.push(beginning.lead);
  }
  return found;
}

const MAX_LEADS = 100;

/** A reaction that nobody awaits itself. */
export const isMere = ({ chain, line }: PromiseRecord): boolean => (line ?? chain)?.length === 0;

/** Whether nobody awaits what comes of this reaction, nor of those that follow it. */
function endsHere(record: PromiseRecord): boolean {
  let last = record;
  for (let hops = 0; last.first !== null && hops < MAX_HOPS; hops++) last = last.first;
  return last.waiters === 0 && isMere(last);
}

const MAX_HOPS = 10;

/**
 * The promise of the innermost executor. While it runs nobody can wait for its promise, so it is among those that somebody came to wait for later; where these
 * are more than executors were on the stack, it is not known which.
 */
function outerOf({ segment, seq, executors, promise }: Beginning, graph: AwaitGraph): PromiseRecord | undefined {
  const candidates: PromiseRecord[] = [];
  let steps = 0;
  for (const made of graph.segments.before(segment, seq)) {
    if (++steps > MAX_STEPS) break;
    if (made === promise || graph.suspendedIn.has(made) || graph.elements.has(made)) continue;
    if ((made.first?.seq ?? Infinity) >= seq) candidates.push(made);
  }
  // One whose timer or request is known may just as well have been made in the executor.
  const open = candidates.filter(({ source }) => source === null);
  if (open.length === executors) return open[0];
  return candidates.length === executors ? candidates[0] : undefined;
}

/** Promises made from that of the executor on, at most. */
const MAX_STEPS = 256;

/** Ties a promise to what its executor has called, `new Promise(async (resolve) => ...)` or `new Promise((resolve) => { load().then(...) })`: that most likely settles it. */
import type { PromiseRecord } from '../promises/promise-record.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { siteAt } from '../stacks/sites.ts';
import { each, type Steps } from '../tree/slices.ts';
import { passesOn } from '../tree/targets.ts';
import { executorsAround, hasBeginnings, isMere, lastReaction, reactionsInside } from './executor-notes.ts';

/** An async function, or what a reaction waits for, that began while executors ran. */
interface Beginning {
  /** The await, or the reaction. */
  lead: PromiseRecord;
  /** The promise that the function returned; of a reaction the one it waits for. */
  promise: PromiseRecord;
  /** Where in the order of events. */
  segment: number;
  seq: number;
  /** Of the await or reaction that was seen below the executors: nobody could wait for their promises then. */
  seenSeq: number;
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
    const seenSeq = (lead.call ?? lead).seq;
    beginnings.push({ lead, promise, segment: promise.segment, seq: promise.seq, seenSeq, executors });
  });
  const called = new Set(beginnings.map(({ promise }) => promise));
  const passed = yield* passedOn(graph);
  yield* each([...reactionsInside()], ({ record, executors }) => {
    const promise = record.parent;
    // What waits for a function that the executor has called adds nothing.
    if (promise === null || called.has(promise) || !endsHere(record)) return;
    const { segment, seq } = record;
    beginnings.push({ lead: record, promise, segment, seq, seenSeq: seq, executors });
  });
  // What such a function calls in turn has begun in the executor, too.
  const awaited = new Set(beginnings.map(({ lead }) => (isMere(lead) ? null : lead.parent)));
  for (const beginning of beginnings) {
    if (awaited.has(beginning.promise) || passed.has(beginning.promise)) continue;
    const outer = outerOf(beginning, graph);
    if (outer === undefined) continue;
    const known = found.get(outer);
    if (known === undefined) found.set(outer, [beginning.lead]);
    else if (known.length < MAX_LEADS) known.push(beginning.lead);
  }
  return found;
}

const MAX_LEADS = 100;

/** Promises of which V8 has told whom they resolve, as in `job().then(resolve)`: nobody else is looked for. */
function* passedOn(graph: AwaitGraph): Steps<Set<PromiseRecord>> {
  const passed = new Set<PromiseRecord>();
  yield* each([...graph.elements], ([record, elements]) => {
    if (!passesOn(record, graph)) return;
    for (const { parent } of elements) if (parent !== null) passed.add(parent);
  });
  return passed;
}

/** Whether nobody awaits what comes of this reaction, nor of those that follow it. */
function endsHere(record: PromiseRecord): boolean {
  const last = lastReaction(record);
  return last.waiters === 0 && isMere(last);
}

/**
 * The promise of the innermost executor. While it runs nobody can wait for its promise, so it is among those that somebody came to wait for later; where these
 * are more than executors were on the stack, it is not known which.
 */
function outerOf(
  { segment, seq, seenSeq, executors, promise }: Beginning,
  graph: AwaitGraph,
): PromiseRecord | undefined {
  const candidates: PromiseRecord[] = [];
  const open = new Set<PromiseRecord>();
  let steps = 0;
  for (const made of graph.segments.before(segment, seq)) {
    if (++steps > MAX_STEPS) break;
    const wait = graph.suspendedIn.get(made);
    if (made === promise || (wait !== undefined && !wait.link) || graph.elements.has(made)) continue;
    if ((made.first?.seq ?? Infinity) < seq || isOfLoader(made)) continue;
    // A call that has returned another of them is none, but one that follows something else by now may have been the executor's.
    if (wait?.parent === undefined || wait.parent === null || !open.has(wait.parent)) candidates.push(made);
    open.add(made);
  }
  // One whose timer or request is known may just as well have been made in the executor.
  const sourceless = candidates.filter(({ source }) => source === null);
  const outer =
    sourceless.length === executors ? sourceless[0] : candidates.length === executors ? candidates[0] : undefined;
  // While the executor ran, nobody could wait for its promise.
  const isAwaited = outer !== undefined && (outer.first?.seq ?? Infinity) <= seenSeq;
  return outer === undefined || isAwaited || graph.suspendedIn.has(outer) ? undefined : outer;
}

/** Whether it is V8's promise of a module: Node's loader awaits it, while the code of the module runs in no executor. */
function isOfLoader({ first }: PromiseRecord): boolean {
  const site = first?.chain?.[0];
  return site !== undefined && siteAt(site).frame?.file.startsWith('node:internal/modules/') === true;
}

/** Promises made from that of the executor on, at most. */
const MAX_STEPS = 256;

/** Tells how the code that a debugger holds came to run: V8's own async frames first, then what the await graph and the resources know beyond them. */
import type { AsyncFrame, AsyncPart, AsyncStack } from '../../protocol/async-stack.ts';
import { newAwaiters, type Awaiters } from '../walks/async-walk.ts';
import { setStop, stopIn } from './held.ts';
import { addOriginals } from '../stacks/originals.ts';
import { awaitGraph } from '../owners/owners.ts';
import { masked } from '../walks/probe.ts';
import { DERIVED, SEEN, WAITER } from '../promises/flags.ts';
import { PromiseRecord } from '../promises/promise-record.ts';
import { seen } from '../promises/promise-list.ts';
import { runningRecord } from '../promises/promises.ts';
import { pendingRecords, sortOut } from '../tree/pending-walk.ts';
import { describeResource } from '../resources/resource-facts.ts';
import type { ResourceRecord } from '../resources/resource-record.ts';
import { runningCallback } from '../resources/resources.ts';
import { siteAt, siteOf } from '../stacks/sites.ts';
import { complete } from '../tree/slices.ts';
import { captureCallSites, toFrame, type CallSite } from '../stacks/stack.ts';

const MAX_FRAMES = 200;
/** New awaits are looked at for at most this long, milliseconds; not at all inside a reaction, see probe.ts. */
const PROBE_MS = 50;

/** Stands for what a running task has awaited and does not any more. */
const DONE = new PromiseRecord();
/** Two waiters more than there are, so that it never looks like a promise that can be used again. */
DONE.flags = SEEN | DERIVED | (2 * WAITER);

/** What calls a reaction or a timer's callback; nobody wants to see it below every stack. */
const LOOP = ['process/task_queues', 'timers', 'async_hooks'].map((name) => `node:internal/${name}`);

/** The code of an evaluation lies on top of what is paused and has no file. */
function pausedSites(): { running: CallSite[]; awaiting: CallSite[] } {
  const sites = captureCallSites(MAX_FRAMES);
  const first = sites.findIndex((site) => site.getFileName() !== '');
  const paused = first < 0 ? [] : sites.slice(first);
  const running = paused.filter((site) => !site.isAsync());
  while (LOOP.includes(running.at(-1)?.getFileName() ?? '')) running.pop();
  return { running, awaiting: paused.filter((site) => site.isAsync()) };
}

/**
 * An await that is being resumed counts as suspended where it is now: then its task has a place in the graph, and in the next snapshot. Gives the sites of its
 * awaiters.
 */
function placeRunning(record: PromiseRecord, running: readonly CallSite[], awaiting: readonly CallSite[]): number[] {
  const own = running.at(-1);
  // What was seen at an earlier stop in the same reaction, before the snapshot and its probes.
  const known = awaiting.length > 0 ? awaiting.map(siteOf) : (stopIn(record)?.known ?? []);
  setStop({ record, known });
  if (own === undefined || !record.derived || record.waiters > 0) return known;
  if (record.near === null) {
    record.near = DONE;
    DONE.flags += WAITER;
  }
  const notes = record.note();
  // Without awaiters it may as well be a `then` that nobody waits for.
  notes.sampled = known.length === 0;
  notes.chain = [siteOf(own), ...known];
  notes.toldIn = 0;
  return known;
}

const asyncFrame = (site: number): AsyncFrame => {
  const { id: _, ...frame } = siteAt(site);
  return frame;
};

/** From a promise on: who awaits it, one the other, until nobody does or several do. */
function awaitParts(from: PromiseRecord, known: readonly number[], awaiters: Awaiters): AsyncPart[] {
  const { sites, forks, inferred } = awaiters.above(from, known);
  const beyond = sites.slice(known.length);
  const parts: AsyncPart[] = [];
  const exact = inferred ? known : [...known, ...beyond];
  if (exact.length > 0) parts.push({ kind: 'await', frames: exact.map(asyncFrame), confidence: 'exact' });
  if (inferred && beyond.length > 0) {
    parts.push({ kind: 'await', frames: beyond.map(asyncFrame), confidence: 'inferred' });
  }
  if (forks.length > 0) {
    parts.push({ kind: 'waiters', frames: forks.map(asyncFrame), confidence: inferred ? 'inferred' : 'exact' });
  }
  return parts;
}

function reactionParts(record: PromiseRecord, known: readonly number[], awaiters: Awaiters): AsyncPart[] {
  const from = record.waiters > 0 ? record : awaiters.ownerOf(record);
  if (from !== undefined) return awaitParts(from, known, awaiters);
  return known.length === 0 ? [] : [{ kind: 'await', frames: known.map(asyncFrame), confidence: 'exact' }];
}

/** The function that awaits what the callback settles is often also the one that made the timer: it is told once, at its await. */
function madeAt({ sites }: ResourceRecord, awaiting: AsyncPart | undefined): readonly number[] {
  const first = awaiting?.frames[0]?.frame;
  if (first === undefined) return sites;
  const same = sites.findIndex((site) => {
    const { frame } = siteAt(site);
    return frame?.file === first.file && frame.function === first.function;
  });
  return same < 0 ? sites : sites.slice(0, same);
}

function callbackParts(records: readonly PromiseRecord[], awaiters: Awaiters): AsyncPart[] {
  const { resource, cause } = runningCallback();
  const target = resource?.target?.deref();
  const tied = resource && records.find(({ source }) => source === resource);
  const promise = tied ?? cause;
  const above = promise === undefined ? [] : awaitParts(promise, [], awaiters);
  const confidence = tied !== undefined && resource?.exact ? 'exact' : 'inferred';
  const settles = above.map((part, i): AsyncPart =>
    i === 0 && part.kind === 'await' ? { ...part, kind: 'settles', confidence } : part,
  );
  if (resource === undefined || target === undefined) return settles;
  const facts = describeResource(resource.type, target, resource.sites);
  const frames = madeAt(resource, above[0]).map(asyncFrame);
  return [{ kind: 'resource', facts, frames, confidence: 'exact' }, ...settles];
}

/** What runs at this moment; to be called by an evaluation on top of the paused code. 1 ms and more, by the number of pending promises. */
export function asyncStack(): AsyncStack {
  return masked(() => {
    const { running, awaiting } = pausedSites();
    const record = seen(runningRecord());
    const known = record === null ? [] : placeRunning(record, running, awaiting);
    const records = pendingRecords();
    const awaiters = newAwaiters(records, complete(awaitGraph(complete(sortOut(records)), PROBE_MS)));
    const parts = record === null ? callbackParts(records, awaiters) : reactionParts(record, known, awaiters);
    const frames = running.map(toFrame);
    addOriginals([frames, ...parts.map((part) => part.frames.flatMap(({ frame }) => frame ?? []))]);
    return { frames, parts };
  });
}

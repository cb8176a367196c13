/** Remembers the tasks that ended after a snapshot had shown them: the last 1000. */
import { performance } from 'node:perf_hooks';
import { REST_POLL_MS } from '../../protocol/polls.ts';
import { lookAtSweeps } from '../promises/looks.ts';
import type { Call, PromiseRecord, TaskMemory } from '../promises/promise-record.ts';

/** A task that is over; times in milliseconds. */
export interface Ended {
  id: number;
  site: number;
  label: string | undefined;
  startMs: number;
  endMs: number;
  resumptions: number;
  call: Call;
  /** The promise that has settled was only likely the task's. */
  inferred: boolean;
}

const MAX_ENDED = 1000;
const ring: Ended[] = [];
const byId = new Map<number, Ended>();
let next = 0;

/** After so long without a poll nobody will ask how a task ended: a program that rests is seldom asked. Milliseconds. */
const WATCHED_MS = 2 * REST_POLL_MS;
/** Promises held from their end to the question that follows the next poll; each costs the program about 50 us then. */
const MAX_HELD = 20;
let held: { id: number; promise: object; offeredMs?: number }[] = [];
let polledAt = -Infinity;
/** After they were offered: the answer of a poll, and the question that follows, may be long on their way when the machine is busy. Milliseconds. */
const HELD_MS = 2000;

/** Node's own function for stacks: one of the program's would run when the inspector describes an error. */
const stackFormat = formatOfStacks();

function formatOfStacks(): unknown {
  return Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')?.value;
}

/** The promise of a task that was shown has settled. */
export function taskEnded(record: PromiseRecord, promise: object, memory: TaskMemory | null): void {
  if (memory === null) return;
  if (memory.inferred && (isSuspended(memory.wait) || byId.has(memory.id))) return;
  const now = performance.now();
  const old = ring[next];
  if (old !== undefined) byId.delete(old.id);
  const { id, call, site, label, inferred } = memory;
  // The last time it did not come to a further await.
  const resumptions = call.wentOn + 1;
  const task = { id, site, label, startMs: record.atMs, endMs: now, resumptions, call, inferred };
  ring[next] = task;
  byId.set(task.id, task);
  next = (next + 1) % MAX_ENDED;
  letGoUnwatched();
  if (now - polledAt >= WATCHED_MS || held.length >= MAX_HELD) return;
  held.push({ id, promise });
  lookAtSweeps(letGoUnwatched);
}

/** When polls have ended for good. */
function letGoUnwatched(): void {
  if (held.length > 0 && performance.now() - polledAt >= WATCHED_MS) held = [];
}

/** Its call has not gone on from this await: the promise is not that of the call. */
const isSuspended = ({ isPending, ran }: PromiseRecord): boolean => isPending && !ran;

/** Newest first. */
export function endedTasks(): Ended[] {
  return [...ring.slice(next), ...ring.slice(0, next)].toReversed();
}

/** The task with this number, if it is one of them. */
export function endedTask(id: number): Ended | undefined {
  return byId.get(id);
}

/** A poll: answers for how many tasks it is worth asking how they ended. Those that were offered in vain for long are let go. */
export function offerSettled(): number {
  polledAt = performance.now();
  held = held.filter(({ offeredMs = polledAt }) => polledAt - offeredMs < HELD_MS);
  for (const each of held) each.offeredMs ??= polledAt;
  return held.length;
}

/** Numbers and promises, in turn, of tasks that ended since the last call. */
export function takeSettled(): unknown[] {
  const taken = held;
  held = [];
  return formatOfStacks() === stackFormat ? taken.flatMap(({ id, promise }) => [id, promise]) : [];
}

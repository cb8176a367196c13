/** Workers, queues and jobs of bullmq (4 and 5), which is CommonJS for every importer: its waits for Redis and for workers elsewhere are told as waits for jobs. */
import type { AbortFacts } from '../../protocol/waits.ts';
import type { Wait, WaitFacts } from '../../protocol/agent.ts';
import { refreshClock } from '../promises/clock.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { withAbort } from '../waits/call-wait.ts';
import { leafWait } from './below.ts';
import { describedBy } from './connection.ts';
import { field, hasMethods, numberField, objectField, prototypeOf, textField } from './fields.ts';
import { watchBullmqJobs } from './job-workers.ts';
import { patch, recordOf } from './patch.ts';
import { labelTask } from './task-labels.ts';

type SocketFacts = Extract<WaitFacts, { kind: 'socket' }>;

const MAX_NAME = 60;
const UNSENT: SocketFacts = { kind: 'socket', state: 'open', bytesRead: 0, bytesWritten: 0 };

const UNCONNECTED: SocketFacts = { ...UNSENT, state: 'connecting' };

/** A command on its way, or the event for which bullmq waits before it sends one. */
const isOfConnection = (facts: WaitFacts): boolean =>
  facts.kind === 'socket' || (facts.kind === 'event' && facts.event?.startsWith("ready'") === true);

const short = (text: string): string => (text.length > MAX_NAME ? `${text.slice(0, MAX_NAME)}…` : text);
const queueName = (object: unknown): string => `queue '${short(textField(object, 'name') ?? '?')}'`;

/** What is asked of Redis, with the state of the connection when a command is on its way over it. */
function request(text: string, promise: PromiseRecord, graph: AwaitGraph | undefined): Wait {
  const below = graph === undefined ? undefined : leafWait(promise, graph, isOfConnection);
  const socket = below?.facts.kind === 'socket' ? below.facts : below === undefined ? UNSENT : UNCONNECTED;
  return { ...below, facts: { ...socket, library: 'bullmq', request: text }, confidence: 'exact' };
}

/** The method's promise waits for what `describe` tells; it gets the arguments as they were. */
function tell(prototype: object, key: string, describe: (self: object, args: unknown[]) => string | undefined): void {
  patch(prototype, key, {
    begin: describe,
    end(result, text) {
      const promise = recordOf(result);
      if (promise !== null && text !== undefined) describedBy(promise, (graph) => request(text, promise, graph));
    },
  });
}

/** "job 17 'welcome'", before it is stored "job 'welcome'"; never its data. */
function jobName(id: unknown, name: unknown): string {
  return ['job', typeof id === 'string' ? short(id) : '', typeof name === 'string' ? `'${short(name)}'` : '']
    .filter((part) => part !== '')
    .join(' ');
}

function watchQueueClass(prototype: object): void {
  tell(prototype, 'add', (queue, [name]) => `add ${jobName(undefined, name)} to ${queueName(queue)}`);
  tell(prototype, 'addBulk', (queue, [jobs]) =>
    Array.isArray(jobs) ? `add ${jobs.length} jobs to ${queueName(queue)}` : undefined,
  );
}

/** Whoever awaits a job waits for a worker, often in another process. */
function watchJobClass(prototype: object): void {
  patch(prototype, 'waitUntilFinished', {
    begin: (_, [, ttl]) => (typeof ttl === 'number' && ttl > 0 ? refreshClock() + ttl : undefined),
    end(result, untilMs, job) {
      const promise = recordOf(result);
      if (promise === null) return;
      const name = jobName(field(job, 'id'), field(job, 'name'));
      const text = `${name} of ${queueName(objectField(job, 'queue'))} to finish`;
      describedBy(promise, (graph) => {
        const wait = request(text, promise, graph);
        const abort: AbortFacts | undefined = untilMs === undefined ? undefined : { leftMs: untilMs - refreshClock() };
        return { ...wait, facts: withAbort(wait.facts, abort) };
      });
    },
  });
}

/** By the promise of a job's processing, and by the list in which a worker keeps those. */
const workers = new WeakMap<object, WeakRef<object>>();

function numberOfJobs(worker: object): number | undefined {
  const tracked =
    objectField(objectField(worker, 'lockManager'), 'trackedJobs') ?? objectField(worker, 'jobsInProgress');
  return tracked instanceof Map || tracked instanceof Set ? sizeOf(tracked) : undefined;
}

const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size')?.get;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size')?.get;

function sizeOf(tracked: Map<unknown, unknown> | Set<unknown>): number | undefined {
  const get = tracked instanceof Map ? mapSize : setSize;
  const size: unknown = get === undefined ? undefined : Reflect.apply(get, tracked, []);
  return typeof size === 'number' ? size : undefined;
}

function describeWorker(worker: object): Wait {
  const inUse = numberOfJobs(worker);
  const size = numberField(worker, '_concurrency') ?? numberField(objectField(worker, 'opts'), 'concurrency');
  const leaseMs = numberField(objectField(worker, 'opts'), 'lockDuration');
  return {
    facts: {
      kind: 'lock',
      lock: 'queue',
      library: 'bullmq',
      name: `Worker of ${queueName(worker)}`,
      ...(inUse === undefined ? {} : { inUse }),
      ...(size === undefined ? {} : { size }),
      ...(leaseMs === undefined ? {} : { leaseMs }),
    },
    confidence: 'exact',
  };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function watchWorkerClass(prototype: object): void {
  watchBullmqJobs(prototype);
  tell(prototype, 'waitForJob', (worker) => `jobs of ${queueName(worker)}`);
  patch(prototype, 'processJob', {
    begin: () => {},
    end(result, _, worker) {
      if (isObject(result)) workers.set(result, new WeakRef(worker));
    },
  });
  patch(prototype, 'callProcessJob', {
    begin: (_, [job]) => jobName(field(job, 'id'), field(job, 'name')),
    end(result, name, worker) {
      const promise = recordOf(result);
      if (promise !== null) labelTask(promise, `${name} of ${textField(worker, 'name') ?? 'a queue'}`);
    },
  });
}

/** What a worker waits on when it can take no more: the first of its jobs to end. */
function watchJobs(prototype: object): void {
  patch(prototype, 'add', {
    begin(list, [promise]) {
      const worker = isObject(promise) ? workers.get(promise) : undefined;
      if (worker !== undefined) workers.set(list, worker);
    },
  });
  patch(prototype, 'fetch', {
    begin: () => {},
    end(result, _, list) {
      const promise = recordOf(result);
      const worker = workers.get(list);
      if (promise === null || worker === undefined) return;
      describedBy(promise, () => {
        const alive = worker.deref();
        return alive === undefined ? undefined : describeWorker(alive);
      });
    },
  });
}

/** Looks for the classes among what a module of the package exports. */
export function watchBullmq(members: object): void {
  const queue = prototypeOf(field(members, 'Queue'));
  if (hasMethods(queue, 'add', 'addBulk', 'pause')) watchQueueClass(queue);
  const job = prototypeOf(field(members, 'Job'));
  if (hasMethods(job, 'waitUntilFinished', 'moveToDelayed')) watchJobClass(job);
  const worker = prototypeOf(field(members, 'Worker'));
  if (hasMethods(worker, 'processJob', 'callProcessJob', 'waitForJob')) watchWorkerClass(worker);
  const events = prototypeOf(field(members, 'QueueEvents'));
  if (hasMethods(events, 'consumeEvents', 'run'))
    tell(events, 'consumeEvents', (self) => `events of ${queueName(self)}`);
  const jobs = prototypeOf(field(members, 'AsyncFifoQueue'));
  if (hasMethods(jobs, 'add', 'fetch', 'numTotal')) watchJobs(jobs);
}

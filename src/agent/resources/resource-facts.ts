/** Reads from a timer, handle or request of Node what a wait for it is about; all property reads are of Node's own objects and guarded. */
import { performance } from 'node:perf_hooks';
import type { WaitFacts } from '../../protocol/agent.ts';
import { jobFacts } from '../pool/pool-jobs.ts';
import { siteAt } from '../stacks/sites.ts';
import { servingFacts } from '../waits/http-facts.ts';
import { processFacts } from '../waits/process-facts.ts';
import { className } from '../waits/objects.ts';
import { tickDelay } from '../waits/ticks.ts';
import { isServer, isSocket, serverFacts, socketFacts, udpFacts } from '../waits/socket-facts.ts';

/** The original: the program may put another function in the place of `call` later. */
const { apply } = Reflect;

type Bag = Record<string | symbol, unknown>;

const bag = (value: unknown): Bag | undefined =>
  typeof value === 'object' && value !== null ? (value as Bag) : undefined;
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
/** Some of Node's getters throw at certain moments (`Socket.bytesWritten` while its buffer is flushed, Node 20 and 22): then the fact is unknown. */
function read(object: Bag, key: string): unknown {
  try {
    return object[key];
  } catch {
    // As said above: unknown is the right answer.
    return undefined;
  }
}

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Requests: their callback runs once. */
const ONE_SHOT =
  'FSREQ GETADDRINFOREQ GETNAMEINFOREQ QUERY TCPCONNECT PIPECONNECT HTTPCLIENTREQUEST Immediate PBKDF2 SCRYPT RANDOM KEYPAIRGEN KEYGEN HASH SIGN CIPHER DERIVEBITS CHECKPRIME UDPSENDWRAP JSUDPWRAP'.split(
    ' ',
  );

/** Types that can keep a process alive; other requests only accompany these. */
const LISTED =
  /^(?:Timeout|Immediate|TCP(?:SERVER)?WRAP|PIPE(?:SERVER)?WRAP|TTY|UDP|PROCESSWRAP|WORKER|MESSAGEPORT|FS|GETADDRINFO|QUERYWRAP|STATWATCHER)/;

/** Whether the resource is worth listing even when no promise waits for it. */
export function isListed(type: string): boolean {
  return LISTED.test(type);
}

/** Whether the resource is over once its callback has run. */
export function isOneShot(type: string): boolean {
  return ONE_SHOT.some((start) => type.startsWith(start));
}

/** Node keeps the JavaScript object of a handle under a symbol named `owner_symbol` (lib/internal/async_hooks.js). */
export function ownerOf(handle: object): Bag | undefined {
  for (const symbol of Object.getOwnPropertySymbols(handle)) {
    if (symbol.description === 'owner_symbol') return bag((handle as Bag)[symbol]);
  }
  return bag((handle as Bag)['owner']);
}

/** Whether this can still wake the program; true when there is no way to tell. */
export function isAlive(type: string, target: object): boolean {
  const handle = target as Bag;
  switch (type) {
    case 'Timeout':
      return handle['_destroyed'] !== true && handle['_idleTimeout'] !== -1;
    case 'Immediate':
      return handle['_destroyed'] !== true;
    case 'TCPWRAP':
    case 'PIPEWRAP':
    case 'TTYWRAP':
    case 'UDPWRAP':
    case 'TLSWRAP': {
      const owner = ownerOf(handle);
      return owner !== undefined && read(owner, 'destroyed') !== true;
    }
    case 'TCPSERVERWRAP':
    case 'PIPESERVERWRAP':
      return bag(ownerOf(handle)?.['_handle']) === handle;
    case 'PROCESSWRAP': {
      const owner = ownerOf(handle);
      return owner !== undefined && owner['exitCode'] === null && owner['signalCode'] === null;
    }
    default:
      return !isOneShot(type) || (isOnItsWay(handle) && !isStreamRead(handle));
  }
}

/**
 * Whether it is what streams of file handles (`fs.openAsBlob`, `respondWithFD` of http2) read with: no function of the program's is called by it, and Node keeps it for the
 * next read, in its list of requests on their way and with its number (Node 20 to 26).
 */
export function isStreamRead(request: object): boolean {
  return className(request) === 'FSReqCallback' && !Object.hasOwn(request, 'oncomplete');
}

/** Node's part of a request is gone once its callback has run, and its number with it (`AsyncWrap::GetAsyncId`, Node 20 to 26). */
function isOnItsWay(request: Bag): boolean {
  const getAsyncId = read(request, 'getAsyncId');
  return typeof getAsyncId !== 'function' || apply(getAsyncId, request, []) !== -1;
}

/** Number of a worker thread; none when it is over, for Node takes it away then (Node 20 to 26). */
export function threadOf(handle: object): number[] {
  const threadId = number((handle as Bag)['threadId']);
  return threadId === undefined ? [] : [threadId];
}

/** Whether the resource keeps the process alive. */
export function isRef(target: object): boolean {
  const hasRef = (target as Bag)['hasRef'];
  try {
    return typeof hasRef === 'function' ? apply(hasRef, target, []) === true : true;
  } catch {
    // A handle that is being closed may throw; it keeps nothing alive.
    return false;
  }
}

/** The handles of stdout and stderr, which nobody waits for. `process.stdin` is not asked: that would open it. */
export function isStandardStream(handle: object): boolean {
  return ownerOf(handle)?.['_isStdio'] === true;
}

/** What `performance.now()` shows when the loop's own clock shows zero. */
let loopClockZero = 0;

/** `Timeout._idleStart` counts on the loop's clock: a timer made now tells how far that is from `performance.now()`. */
export function calibrateTimers(): void {
  const timer = setTimeout(() => {}, 1);
  loopClockZero = performance.now() - (number((timer as unknown as Bag)['_idleStart']) ?? 0);
  clearTimeout(timer);
}

/** When a timer is due, milliseconds of `performance.now`; undefined for one that was cleared. */
export function timerDueMs(timer: object): number | undefined {
  const delayMs = number((timer as Bag)['_idleTimeout']) ?? -1;
  const startMs = number((timer as Bag)['_idleStart']);
  return delayMs < 0 || startMs === undefined ? undefined : loopClockZero + startMs + delayMs;
}

/** Whether a timer has yet to fire: Node takes it out of its list right before it calls the callback (Node 20 to 26). */
export function isScheduled(timer: object): boolean {
  return bag((timer as Bag)['_idleNext']) !== undefined;
}

/** Whether a `Timeout` fires again and again (`Timeout._repeat`, Node 20 to 26). */
export function isInterval(timer: object): boolean {
  const repeat = (timer as Bag)['_repeat'];
  return repeat !== null && repeat !== undefined;
}

function timerFacts(timer: Bag): WaitFacts {
  const delayMs = number(timer['_idleTimeout']) ?? 0;
  const startMs = number(timer['_idleStart']) ?? 0;
  const passed = performance.now() - loopClockZero - startMs;
  const period = number(timer['_repeat']);
  const lateMs = period === undefined ? undefined : tickDelay(timer, startMs, period);
  return {
    kind: 'timer',
    api: period === undefined ? 'setTimeout' : 'setInterval',
    delayMs,
    leftMs: Math.round(Math.min(delayMs, delayMs - passed)),
    ...(lateMs === undefined ? {} : { lateMs }),
    ...(isRef(timer) ? {} : { unref: true }),
  };
}

/** The API the program called is the outermost of Node's own frames; below it lies the program. */
function fsFacts(sites: readonly number[]): WaitFacts {
  let operation: string | undefined;
  for (const id of sites) {
    const frame = siteAt(id).frame;
    if (frame === undefined || !frame.file.startsWith('node:')) break;
    const isFs = frame.file.startsWith('node:fs') || frame.file.startsWith('node:internal/fs');
    if (isFs && frame.function !== '' && frame.function !== 'fsCall') operation = frame.function;
  }
  return {
    kind: 'fs',
    ...(operation === undefined ? {} : { operation: operation.slice(operation.lastIndexOf('.') + 1) }),
  };
}

/** What a wait for this resource is about, as far as Node's objects tell. */
export function describeResource(type: string, target: object, sites: readonly number[]): WaitFacts {
  const handle = target as Bag;
  if (type === 'Timeout') return timerFacts(handle);
  if (type === 'Immediate') return { kind: 'immediate' };
  if (type === 'UDPWRAP') return udpFacts(handle);
  if (type === 'TCPWRAP' || type === 'PIPEWRAP' || type === 'TLSWRAP' || type === 'TTYWRAP') {
    const socket = ownerOf(handle);
    if (!isSocket(socket)) return { kind: 'socket', state: 'open', bytesRead: 0, bytesWritten: 0 };
    const serving = servingFacts(socket);
    return { ...socketFacts(socket), ...(serving === undefined ? {} : { serving }) };
  }
  if (type === 'TCPSERVERWRAP' || type === 'PIPESERVERWRAP') {
    const server = ownerOf(handle);
    return isServer(server) ? serverFacts(server) : { kind: 'server' };
  }
  // Of many at once only the first have a stack, and without one a watcher would be told for a request that never ends.
  if (type === 'FSEVENTWRAP') return { kind: 'fs', operation: 'watch' };
  if (type === 'STATWATCHER') return { kind: 'fs', operation: 'watchFile' };
  if (type.startsWith('FS')) return fsFacts(sites);
  if (type === 'FILEHANDLECLOSEREQ') return { kind: 'fs', operation: 'close' };
  if (type === 'GETADDRINFOREQWRAP' || type === 'QUERYWRAP' || type === 'GETNAMEINFOREQWRAP') return dnsFacts(handle);
  if (type === 'PROCESSWRAP') return processFacts(ownerOf(handle));
  if (type === 'WORKER') {
    const [threadId] = threadOf(handle);
    return { kind: 'worker', ...(threadId === undefined ? {} : { threadId }) };
  }
  if (type === 'MESSAGEPORT') return { kind: 'worker', port: true };
  return jobFacts(type, target) ?? { kind: 'unknown', type };
}

/** `queryA` of the resolver's binding is `resolve4` to its users. */
function dnsFacts(request: Bag): WaitFacts {
  const host = text(request['hostname']) ?? text(request['host']);
  const name = text(request['bindingName']);
  const query = name?.startsWith('query') === true ? name.slice('query'.length) : name;
  return {
    kind: 'dns',
    ...(host === undefined ? {} : { host }),
    ...(query === undefined ? {} : { api: QUERIES[query] ?? `resolve${query}` }),
  };
}

const QUERIES: Partial<Record<string, string>> = {
  A: 'resolve4',
  Aaaa: 'resolve6',
  Txt: 'resolveTxt',
};

/** Reads call stacks through a context of our own, so that the program's `Error.stackTraceLimit` and `Error.prepareStackTrace` are neither used nor touched. */
import vm from 'node:vm';
import type { Frame } from '../../protocol/agent.ts';

/** The part of V8's CallSite that is read here (V8 stack trace API, Node 20 to 26). */
export interface CallSite {
  getFileName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  /** Of the beginning of the function; V8's own, in Node 20 to 26. */
  getEnclosingLineNumber?(): number | null;
  getEnclosingColumnNumber?(): number | null;
  getFunctionName(): string | null;
  getTypeName(): string | null;
  getMethodName(): string | null;
  getPromiseIndex(): number | null;
  isAsync(): boolean;
  isConstructor(): boolean;
  toString(): string;
}

/** Whether this frame runs the executor of a promise. */
export const isPromiseConstructor = (site: CallSite): boolean =>
  site.getFileName() === null && site.getFunctionName() === 'Promise';

/** Frames of the agent that may lie on top of the program's. */
const OWN_DEPTH = 8;
/** And on top of the inspector's script that asked. */
const ANSWER_DEPTH = 32;

interface ContextApi {
  callSites(limit: number, below?: (...args: never[]) => unknown): unknown;
}

/** The bundle this code runs from, and the name of what runs in our context; its frames are never shown. */
export const OWN_FILE = __filename;

/** The context has a microtask queue of its own: jobs queued in it run before `runInContext` returns (see probe.ts). */
export const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' });

const api = vm.runInContext(
  `(() => {
    const E = Error;
    E.prepareStackTrace = (error, sites) => sites;
    return { callSites(limit, below) { E.stackTraceLimit = limit; const holder = {}; E.captureStackTrace(holder, below); return holder.stack; } };
  })()`,
  context,
  { filename: OWN_FILE },
) as ContextApi;

/**
 * Undefined while V8 is formatting the stack of another error, as in `Error.prepareStackTrace` of the program, or interrupted there by a request: then it calls no such
 * function again and gives text (Node 20 to 26).
 */
function sitesNow(limit: number, below?: (...args: never[]) => unknown): CallSite[] | undefined {
  const sites = api.callSites(limit, below);
  return Array.isArray(sites) ? (sites as CallSite[]) : undefined;
}

/** A readable name: `Class.method`, `function`, or empty for an anonymous one; receivers that say nothing are left out. */
function functionName(site: CallSite): string {
  const whole = site.toString();
  const text = whole.startsWith('async ') ? whole.slice('async '.length) : whole;
  // `name (place)`, or the bare place; a place may have parentheses of its own: of `eval`, or in a folder's name.
  const end = text.endsWith(')') ? text.indexOf(' (') : -1;
  if (end < 0) return '';
  const name = text.slice(0, end);
  // V8 leaves the class out for private methods.
  if (name.startsWith('#')) return [site.getTypeName() ?? '', name].filter((part) => part !== '').join('.');
  const alias = name.endsWith(']') ? name.lastIndexOf(' [as ') : -1;
  const bare = alias < 0 ? name : name.slice(0, alias);
  const called = bare.slice(silentReceiver(site, bare).length);
  return NAMELESS.has(called) || called.endsWith('.<anonymous>') ? '' : called;
}

function silentReceiver(site: CallSite, name: string): string {
  const silent = SILENT_RECEIVERS.find((each) => name.startsWith(each) && name.length > each.length);
  if (silent !== undefined) return silent;
  const receiver = name.slice(0, name.indexOf('.') + 1);
  return EMITTERS.has(receiver) && site.getMethodName() === null ? receiver : '';
}

/** A timer's callback is called on the timer, for whatever object it was written. */
const SILENT_RECEIVERS = ['Object.', 'Function.', 'Proxy.', 'Timeout.', 'Immediate.'];
/** A listener is called on its emitter. One with such a name is no method of it; for classes of the program that is not certain: their methods may be wrapped. */
const EMITTERS = new Set(
  [
    [
      'EventEmitter',
      'EventTarget',
      'AbortSignal',
      'process',
      'MessagePort',
      'BroadcastChannel',
      'Worker',
      'ChildProcess',
    ],
    ['Server', 'Socket', 'TLSSocket', 'IncomingMessage', 'ServerResponse', 'ClientRequest', 'Agent', 'WebSocket'],
    [
      'Readable',
      'Writable',
      'Duplex',
      'Transform',
      'PassThrough',
      'ReadStream',
      'WriteStream',
      'Interface',
      'FSWatcher',
    ],
    ['Http2Server', 'Http2ServerRequest', 'Http2ServerResponse', 'ClientHttp2Session', 'ServerHttp2Session'],
    [
      'ClientHttp2Stream',
      'ServerHttp2Stream',
      'Gzip',
      'Gunzip',
      'Deflate',
      'Inflate',
      'BrotliCompress',
      'BrotliDecompress',
    ],
  ].flatMap((names) => names.map((name) => `${name}.`)),
);
/** A callback without a name has that of the field where Node keeps it (Node 20 to 26). */
const NAMELESS = new Set(['<anonymous>', 'null', '_onTimeout', '_onImmediate']);

/** The protocol's form of a V8 frame; `<anonymous>` as file stands for a built-in. */
export function toFrame(site: CallSite): Frame {
  return {
    file: site.getFileName() ?? '<anonymous>',
    line: site.getLineNumber() ?? 0,
    column: site.getColumnNumber() ?? 0,
    function: functionName(site),
  };
}

/** The current synchronous stack without the agent's frames, innermost first; at most `limit` frames. Costs about 3 us and more for each frame. */
export function captureCallSites(limit: number): CallSite[] {
  const sites = sitesNow(limit + OWN_DEPTH) ?? [];
  return sites.filter((site) => site.getFileName() !== OWN_FILE).slice(0, limit);
}

/** Whether this function of ours is, or may be, one of the innermost on the stack; about 5 us. */
export function isOnStack({ name }: (...args: never[]) => unknown): boolean {
  const sites = sitesNow(2 * OWN_DEPTH);
  if (sites === undefined) return true;
  return sites.some((site) => site.getFileName() === OWN_FILE && site.getFunctionName() === name);
}

/** The frames below a function of ours that is running, innermost first; cheaper than to capture its own frames too and drop them. */
export function callSitesBelow(below: (...args: never[]) => unknown, limit: number): CallSite[] {
  return (sitesNow(limit, below) ?? []).filter((site) => site.getFileName() !== OWN_FILE);
}

/** Not of ours, nor a function of the language that ours calls, such as `Array.map`: these have no lines. */
const isForeign = (site: CallSite): boolean => site.getFileName() !== OWN_FILE && site.getLineNumber() !== null;

/** Whether the inspector's question, which is being answered, came in the middle of our own code, such as at the end of a call that was timed, or may have. */
export function isOwnInterrupted(): boolean {
  const sites = sitesNow(ANSWER_DEPTH + OWN_DEPTH);
  if (sites === undefined) return true;
  const asking = sites.findIndex(isForeign);
  const interrupted = sites.slice(asking + 1).find((site) => site.getFileName()?.startsWith(NODE) !== true);
  return asking >= 0 && interrupted?.getFileName() === OWN_FILE;
}

/** Node's own code that ours calls. */
const NODE = 'node:';

/** Whether frames of the program lie below the answer to a request, or may; the outermost of ours is the inspector's nameless script that asked. */
export function isProgramInterrupted(): boolean {
  const sites = sitesNow(ANSWER_DEPTH + 2);
  if (sites === undefined) return true;
  const at = sites.findIndex(isForeign);
  const asking = sites[at];
  if (asking === undefined) return sites.length > ANSWER_DEPTH;
  const file = asking.getFileName();
  const isBelow = sites.slice(at + 1).some((site) => site.getFileName() !== OWN_FILE);
  return isBelow || !(file === '' || file === null);
}

/** As {@link captureCallSites}, in the protocol's form. */
export function captureFrames(limit: number): Frame[] {
  return captureCallSites(limit).map(toFrame);
}

/** Tells the agent of a program what was pending before it came: the promises by V8's own list, who waits for them by a look at the heap. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Frame } from '../../protocol/agent.ts';
import type { LateAnswer } from '../../protocol/late.ts';
import { AGENT, messageOf } from '../asking.ts';
import { asJson, type Cdp, type Json } from '../cdp.ts';
import { heapUnreadable } from '../errors.ts';
import { frameOf } from '../heap/functions.ts';
import { inner, type HeapGraph } from '../heap/graph.ts';
import { newHeapParser } from '../heap/parse.ts';
import { planOf, type Found } from './plan.ts';

/** Objects held by this name are released together. */
const GROUP = 'async-lens-late';
const CHUNK = 'HeapProfiler.addHeapSnapshotChunk';
/** Not what the program has put into its globals: an async function returns a promise of V8's own. */
const PROMISES = 'Object.getPrototypeOf((async () => {})())';
/** Of Node's class, also where a test has put a clock of its own into the globals. A fake timer may be any object: then none is found, where else all objects of the program would be. */
const TIMERS = `(() => {
  const { setTimeout: set, clearTimeout: clear } = process.getBuiltinModule?.('timers') ?? globalThis;
  const timer = set(() => {}, 1);
  clear(timer);
  const prototype = Object.getPrototypeOf(timer);
  return prototype?.constructor?.name === 'Timeout' ? prototype : Object.create(null);
})()`;
/** Calls whose place only the inspector can tell, at two messages each. */
const MAX_SHARED = 500;
/** A program at work is asked again. */
const TRIES = 100;
const RETRY_MS = 10;

/** Above such an estimate the program is not made to stand still unasked. Milliseconds. */
export const LONG_STANDSTILL_MS = 10_000;

/** Rejects with `heapUnreadable`. The program stands still meanwhile: see `standstillMs`. `shared`: the connection is the JavaScript debugger's. */
export async function takeIn(cdp: Cdp, shared: boolean): Promise<void> {
  try {
    const promises = await instancesOf(cdp, PROMISES);
    await call(cdp, promises, `function () { ${AGENT}.hold(this); }`);
    const timers = await instancesOf(cdp, TIMERS);
    const objects = await call(cdp, timers, `function () { return ${AGENT}.openObjects(this); }`);
    const graph = await readHeap(cdp, shared);
    const [listed, opened] = [await nodeOf(cdp, graph, promises), await nodeOf(cdp, graph, objects)];
    const found = planOf(graph, listed, opened);
    await locate(cdp, graph, found);
    await adopt(cdp, promises, objects, JSON.stringify(found.plan));
  } catch (error) {
    await letGo(cdp); // while the list of promises is still there
    throw heapUnreadable(messageOf(error));
  } finally {
    // V8 follows every object of a snapshot until this pair comes; the program may have ended meanwhile.
    await Promise.all([
      cdp.send('HeapProfiler.enable'),
      cdp.send('HeapProfiler.disable'),
      cdp.send('Runtime.releaseObjectGroup', { objectGroup: GROUP }),
    ]).catch(() => undefined);
  }
}

/** Nothing of the program's is kept or noticed any more, unless it is recorded. The program may have ended meanwhile. */
export async function letGo(cdp: Cdp): Promise<void> {
  await cdp
    .send('Runtime.evaluate', { expression: `${AGENT}?.letGo?.()`, silent: true, disableBreaks: true })
    .catch(() => undefined);
}

async function instancesOf(cdp: Cdp, prototype: string): Promise<string> {
  const params = { expression: prototype, objectGroup: GROUP, silent: true, disableBreaks: true };
  const prototypeObjectId = idOf(resultOf(await cdp.send('Runtime.evaluate', params)));
  return idOf((await cdp.send('Runtime.queryObjects', { prototypeObjectId, objectGroup: GROUP }))['objects']);
}

async function call(cdp: Cdp, objectId: string, functionDeclaration: string): Promise<string> {
  const params = { objectId, functionDeclaration, objectGroup: GROUP, silent: true };
  return String(asJson(resultOf(await cdp.send('Runtime.callFunctionOn', params)))['objectId']);
}

/** Throws what was thrown in the program. */
function resultOf({ result, exceptionDetails }: Json): unknown {
  if (exceptionDetails === undefined) return result;
  const { description, value } = asJson(asJson(exceptionDetails)['exception']);
  const [line = ''] = String(description ?? value).split('\n');
  throw new Error(line);
}

function idOf(value: unknown): string {
  const { objectId } = asJson(value);
  if (typeof objectId !== 'string') throw new Error('its inspector does not list objects');
  return objectId;
}

async function readHeap(cdp: Cdp, shared: boolean): Promise<HeapGraph> {
  const parser = newHeapParser();
  cdp.on(CHUNK, ({ chunk }) => parser.push(String(chunk)));
  if (shared) await cdp.send('JsDebug.subscribe', { events: [CHUNK] });
  await cdp.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  return parser.end();
}

async function nodeOf(cdp: Cdp, graph: HeapGraph, objectId: string): Promise<number> {
  const { heapSnapshotObjectId } = await cdp.send('HeapProfiler.getHeapObjectId', { objectId });
  const node = graph.nodeId.indexOf(Number(heapSnapshotObjectId));
  if (node < 0) throw new Error('its objects are not in its heap');
  return node;
}

/** Adds the places that V8's walk does not reach. */
async function locate(cdp: Cdp, graph: HeapGraph, { plan, shared }: Found): Promise<void> {
  const places = shared.slice(0, MAX_SHARED).map(async (each) => {
    const closure = inner(graph, each.call, 'function');
    const begin = closure === undefined ? undefined : frameOf(graph, closure);
    const wait = plan.awaits[each.await];
    if (begin === undefined || wait === undefined) return;
    const frame = await placeOf(cdp, graph.nodeId[each.call] ?? 0, begin).catch(() => undefined); // collected meanwhile
    if (frame !== undefined) wait.frame = frame;
  });
  await Promise.all(places);
}

async function placeOf(cdp: Cdp, heapId: number, begin: Frame): Promise<Frame | undefined> {
  const params = { objectId: String(heapId), objectGroup: GROUP };
  const objectId = idOf((await cdp.send('HeapProfiler.getObjectByHeapObjectId', params))['result']);
  const { internalProperties } = await cdp.send('Runtime.getProperties', { objectId, ownProperties: true });
  const all = Array.isArray(internalProperties) ? (internalProperties as Json[]) : [];
  const location = all.find(({ name }) => name === '[[GeneratorLocation]]');
  const { lineNumber, columnNumber } = asJson(asJson(asJson(location)['value'])['value']);
  if (typeof lineNumber !== 'number' || typeof columnNumber !== 'number') return undefined;
  return { ...begin, line: lineNumber + 1, column: columnNumber + 1 };
}

async function adopt(cdp: Cdp, promises: string, objects: string, plan: string): Promise<void> {
  const params = {
    objectId: promises,
    functionDeclaration: `function (objects, plan) { return ${AGENT}.adopt(this, objects, plan); }`,
    arguments: [{ objectId: objects }, { value: plan }],
    silent: true,
    returnByValue: true,
  };
  for (let tries = 0; ; tries++) {
    const { value } = asJson(resultOf(await cdp.send('Runtime.callFunctionOn', params)));
    const answer = JSON.parse(String(value)) as LateAnswer;
    if (answer.ok) return;
    if (answer.busy !== true || tries >= TRIES) throw new Error(answer.error);
    await delay(RETRY_MS);
  }
}

/** Looks at objects of the program through the inspector: the suspended call of a task, and the heap as a whole. Pauses the program, so only on demand. */
import { asJson, type Cdp, type Json } from '../cdp.ts';
import { AGENT } from '../asking.ts';
import { collectGarbage, collectionMs } from './collect.ts';
import { promiseOfRecord, suspendedCalls } from './calls.ts';
import type { HeapGraph } from './graph.ts';
import { newHeapParser, type HeapParser } from './parse.ts';
import { standstillMs } from './reading.ts';

/** Objects held by this name are released together. */
const GROUP = 'async-lens';
const CHUNK = 'HeapProfiler.addHeapSnapshotChunk';
/** What is held for a client that does not come back is let go after this time, milliseconds. */
const IDLE_MS = 60_000;

/** A remote object id. `gone`: the task has gone on or ended. `none`: V8 has dropped the call, since nothing can resume it, or it never was one of its own. */
export type SuspendedCall = { objectId: string } | { missing: 'gone' | 'none' };

export interface HeapReader {
  /** How long the program would stand still for a reading now, milliseconds; a rough guess, 0 when the heap is known. */
  estimateMs(): Promise<number>;
  /** The suspended call of a task, or why there is none. Reads the heap if need be. */
  callOf(taskId: number): Promise<SuspendedCall>;
  /** The heap, and in it the node of the promise by which a task waits; `lost` when V8 has found that nothing can reach it any more; undefined when the task has gone on. */
  read(taskId: number): Promise<{ graph: HeapGraph; node: number } | 'lost' | undefined>;
  /** As {@link collectionMs}. */
  collectionMs(): Promise<number>;
  /** As {@link collectGarbage}; it is no stall. */
  collect(limitMs: number): Promise<boolean>;
  /** `Runtime.getProperties`, without calling any getter. */
  properties(objectId: string): Promise<Json>;
  /** The debugger holds the program: what is known of its objects stays true until it goes on. */
  setPaused(paused: boolean): void;
  /** The connection is about to be closed. */
  dispose(): void;
  /** Called around each reading: it is no stall. */
  onReading(handler: (reading: boolean) => void): void;
}

/** `shared`: the connection is the JavaScript debugger's. */
export function newHeapReader(cdp: Cdp, shared: boolean): HeapReader {
  let parser: HeapParser | undefined;
  let subscribed = !shared;
  let paused = false;
  /** What was read last, for as long as the debugger holds the program; the heap itself only while there is memory to spare. */
  let calls: Map<number, number> | undefined;
  let kept: WeakRef<HeapGraph> | undefined;
  let reading: Promise<unknown> = Promise.resolve();
  let tell: (reading: boolean) => void = () => undefined;
  let idle: NodeJS.Timeout | undefined;
  cdp.on(CHUNK, ({ chunk }) => parser?.push(String(chunk)));

  async function snapshot(): Promise<HeapGraph> {
    if (!subscribed) await cdp.send('JsDebug.subscribe', { events: [CHUNK] });
    subscribed = true;
    parser = newHeapParser();
    tell(true);
    try {
      await cdp.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
      return parser.end();
    } finally {
      parser = undefined;
      tell(false);
    }
  }

  /** While the debugger holds the program nothing changes. */
  async function heap(): Promise<HeapGraph> {
    const known = kept?.deref();
    if (known !== undefined) return known;
    const graph = await snapshot();
    calls = suspendedCalls(graph);
    kept = new WeakRef(graph);
    return graph;
  }

  /**
   * V8 follows every object of a snapshot through all later garbage collections, which makes allocation 3 to 5 times as slow (20 to 26). Only this pair
   * ends it, and nothing of the debugger's: it has no state in this domain but while it takes a snapshot itself.
   */
  async function forgetIds(): Promise<void> {
    calls = undefined;
    kept = undefined;
    await Promise.all([cdp.send('HeapProfiler.enable'), cdp.send('HeapProfiler.disable')]);
  }

  async function letGo(): Promise<void> {
    clearTimeout(idle);
    if (calls !== undefined) await forgetIds();
    await cdp.send('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  }

  /** The program may have ended meanwhile; there is nothing left to let go of then. */
  const letGoQuietly = (): void => void inTurn(letGo).catch(() => undefined);

  /** One after the other: there is one stream of chunks. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = reading.then(work);
    reading = turn.catch(() => undefined); // whoever asked for it hears of it
    return turn;
  }

  /** Remote object id of the agent's record of a task. */
  async function recordOf(taskId: number): Promise<string | undefined> {
    const expression = `${AGENT}?.recordOf?.(${taskId})`;
    const { result } = await cdp.send('Runtime.evaluate', {
      expression,
      silent: true,
      disableBreaks: true,
      objectGroup: GROUP,
    });
    const { objectId } = asJson(result);
    return typeof objectId === 'string' ? objectId : undefined;
  }

  /** The number of an object in heap snapshots; V8 gives it with the first snapshot. */
  async function heapId(objectId: string): Promise<number> {
    return Number((await cdp.send('HeapProfiler.getHeapObjectId', { objectId }))['heapSnapshotObjectId']);
  }

  async function isPending(record: string): Promise<boolean> {
    const functionDeclaration = 'function () { return this.isPending; }';
    const params = { objectId: record, functionDeclaration, silent: true, returnByValue: true };
    return asJson((await cdp.send('Runtime.callFunctionOn', params))['result'])['value'] === true;
  }

  /** The suspended call of a record, by the numbers of the last snapshot. */
  async function objectOf(record: string): Promise<SuspendedCall> {
    const call = calls?.get(await heapId(record));
    if (call === undefined) return { missing: (await isPending(record)) ? 'none' : 'gone' };
    const params = { objectId: String(call), objectGroup: GROUP };
    const { objectId } = asJson((await cdp.send('HeapProfiler.getObjectByHeapObjectId', params))['result']);
    return typeof objectId === 'string' ? { objectId } : { missing: 'gone' };
  }

  async function findCall(taskId: number): Promise<SuspendedCall> {
    clearTimeout(idle);
    if (!paused) idle = setTimeout(letGoQuietly, IDLE_MS).unref();
    const record = await recordOf(taskId);
    if (record === undefined) return { missing: 'gone' };
    try {
      if (calls === undefined) await heap();
      // V8 rarely does not find an object that is there ("Object is not available", Node 20).
      return await objectOf(record).catch(async () => {
        await forgetIds();
        await heap();
        return objectOf(record);
      });
    } finally {
      if (!paused) await forgetIds();
    }
  }

  return {
    async estimateMs() {
      return calls === undefined ? await standstillMs(cdp) : 0;
    },
    callOf: (taskId) => inTurn(() => findCall(taskId)),
    read: (taskId) =>
      inTurn(async () => {
        const record = await recordOf(taskId);
        if (record === undefined) return undefined;
        try {
          const graph = await heap();
          const node = promiseOfRecord(graph, graph.nodeId.indexOf(await heapId(record)));
          if (node !== undefined) return { graph, node };
          return (await isPending(record)) ? 'lost' : undefined;
        } finally {
          await cdp.send('Runtime.releaseObject', { objectId: record });
          if (!paused) await forgetIds();
        }
      }),
    collectionMs: () => collectionMs(cdp),
    async collect(limitMs) {
      tell(true);
      try {
        return await collectGarbage(cdp, limitMs);
      } finally {
        tell(false);
      }
    },
    properties: (objectId) =>
      cdp.send('Runtime.getProperties', { objectId, ownProperties: true, generatePreview: true }),
    setPaused(value) {
      if (paused && !value) letGoQuietly();
      paused = value;
    },
    dispose() {
      clearTimeout(idle);
      if (calls !== undefined) forgetIds().catch(() => undefined); // the program may have ended
    },
    onReading(handler) {
      tell = handler;
    },
  };
}

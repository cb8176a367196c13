/** What is sent to the program to look into its heap, and what is said when that is not possible. */
import assert from 'node:assert/strict';
import { newClient, type AdapterClient } from '../support/debug-adapter.ts';
import { startFakeProxy, type FakeProxy } from '../support/fake-proxy.ts';

const TASK = 7;

describe('looking into the heap of a program', function () {
  this.timeout(30_000);
  let proxy: FakeProxy;
  let client: AdapterClient;

  beforeEach(async () => {
    proxy = await startFakeProxy();
    client = await newClient('none');
    await client.send('attach', { proxy: proxy.proxy });
    await client.customRequest('asyncLens/snapshot', { fresh: true });
    proxy.answers = {
      'Runtime.evaluate': ({ expression }) =>
        String(expression).includes(`recordOf?.(${TASK})`)
          ? { result: { type: 'object', objectId: 'record' } }
          : undefined,
      'Runtime.callFunctionOn': () => ({ result: { type: 'boolean', value: true } }),
      'HeapProfiler.getHeapObjectId': () => ({ heapSnapshotObjectId: '99' }),
      'Runtime.getHeapUsage': () => ({ usedSize: 2e6 }),
    };
  });
  afterEach(async () => {
    await client.stop();
    await proxy.close();
  });

  /** What the scope of the only task holds. */
  async function rowsOf(scope: string): Promise<string[]> {
    const [frame] = (await client.stackTraceRequest({ threadId: TASK })).body.stackFrames;
    const { scopes } = (await client.scopesRequest({ frameId: frame?.id ?? 0 })).body;
    const reference = scopes.find(({ name }) => name.startsWith(scope))?.variablesReference ?? 0;
    const { variables } = (await client.variablesRequest({ variablesReference: reference })).body;
    return variables.map(({ name, value }) => `${name}: ${value}`);
  }

  const sent = (): string[] =>
    proxy.commands.map(({ method }) => method).filter((method) => /Heap|release/.test(method));

  it('sends nothing before somebody opens a scope', async () => {
    const [frame] = (await client.stackTraceRequest({ threadId: TASK })).body.stackFrames;
    await client.scopesRequest({ frameId: frame?.id ?? 0 });
    assert.deepEqual(sent(), ['Runtime.getHeapUsage']);
  });

  it('says beforehand how long the program will stand still, when that is long', async () => {
    proxy.answers['Runtime.getHeapUsage'] = () => ({ usedSize: 180e6 });
    const [frame] = (await client.stackTraceRequest({ threadId: TASK })).body.stackFrames;
    const { scopes } = (await client.scopesRequest({ frameId: frame?.id ?? 0 })).body;
    assert.equal(scopes[0]?.name, 'Local (reading the heap takes about 11 s)');
    const { body } = await client.customRequest('asyncLens/retainers', { task: TASK });
    assert.equal(body.verdict, 'long');
    assert.ok(!sent().includes('HeapProfiler.takeHeapSnapshot'));
  });

  it('says why when the program refuses, and makes it forget the numbers of its objects', async () => {
    proxy.answers['HeapProfiler.takeHeapSnapshot'] = () => {
      throw new Error('Failed to take heap snapshot');
    };
    assert.deepEqual(await rowsOf('Local'), [
      `(no values): The heap of the program cannot be read: Failed to take heap snapshot.`,
    ]);
    assert.deepEqual(sent().slice(-2), ['HeapProfiler.enable', 'HeapProfiler.disable']);
    assert.equal(
      await client.errorOf('asyncLens/retainers', { task: TASK }),
      `3013: The heap of the program cannot be read: Failed to take heap snapshot.`,
    );
  });

  it('says so when the heap came in part', async () => {
    proxy.answers['HeapProfiler.takeHeapSnapshot'] = () => {
      proxy.event('HeapProfiler.addHeapSnapshotChunk', { chunk: '{"snapshot":{"meta":{' });
      return {};
    };
    assert.deepEqual(await rowsOf('Local'), [
      `(no values): The heap of the program cannot be read: the heap snapshot is not complete.`,
    ]);
  });

  it('looks again where V8 does not find an object that is there', async () => {
    let looks = 0;
    proxy.answers['HeapProfiler.takeHeapSnapshot'] = () => {
      proxy.event('HeapProfiler.addHeapSnapshotChunk', { chunk: EMPTY_HEAP });
      return {};
    };
    proxy.answers['HeapProfiler.getHeapObjectId'] = () => {
      if (++looks === 1) throw new Error('Object is not available');
      return { heapSnapshotObjectId: '99' };
    };
    assert.deepEqual(await rowsOf('Local'), [
      '(no values): handler has no suspended call in the heap: nothing can resume it, or it is no async function of V8',
    ]);
    assert.equal(sent().filter((method) => method === 'HeapProfiler.takeHeapSnapshot').length, 2);
  });

  it('keeps what it has read while the debugger holds the program, and lets go of it after', async () => {
    proxy.answers['HeapProfiler.takeHeapSnapshot'] = () => {
      proxy.event('HeapProfiler.addHeapSnapshotChunk', { chunk: EMPTY_HEAP });
      return {};
    };
    await client.customRequest('asyncLens/debuggerState', { paused: true });
    for (const scope of ['Local', 'Closure']) {
      assert.deepEqual(await rowsOf(scope), [
        '(no values): handler has no suspended call in the heap: nothing can resume it, or it is no async function of V8',
      ]);
    }
    assert.equal(sent().filter((method) => method === 'HeapProfiler.takeHeapSnapshot').length, 1);
    assert.ok(!sent().includes('HeapProfiler.disable'));
    await client.customRequest('asyncLens/debuggerState', { paused: false });
    while (!sent().includes('Runtime.releaseObjectGroup')) await client.customRequest('asyncLens/snapshot');
    assert.deepEqual(sent().slice(-3), ['HeapProfiler.enable', 'HeapProfiler.disable', 'Runtime.releaseObjectGroup']);
  });
});

const META = {
  node_fields: ['type', 'name', 'id', 'self_size', 'edge_count'],
  node_types: [['hidden', 'synthetic'], 'string', 'number', 'number', 'number'],
  edge_fields: ['type', 'name_or_index', 'to_node'],
  edge_types: [['context'], 'string_or_number', 'node'],
};
const EMPTY_HEAP = JSON.stringify({
  snapshot: { meta: META, node_count: 1, edge_count: 0 },
  nodes: [1, 0, 1, 0, 0],
  edges: [],
  locations: [],
  strings: [''],
});

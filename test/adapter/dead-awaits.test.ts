/** Awaits that can never go on, asked for while the program runs and V8 has no reason to collect. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentLink } from '../../src/adapter/agent-link.ts';
import { searchDeadAwaits } from '../../src/adapter/dead-awaits.ts';
import { ERROR_CODES, type DeadAwaitSearch, type LensView } from '../../src/protocol/dap.ts';
import { AdapterClient } from '../support/debug-adapter.ts';

const FORGETS = `'use strict';
async function load(id) {
  const answer = await new Promise((resolve) => id > 9 && resolve());
  return answer;
}
setTimeout(load, 10, 1);
setInterval(() => {}, 1000);
`;
const WAITS = `'use strict';
const waiting = [];
async function load() {
  await new Promise((resolve) => waiting.push(resolve));
}
setTimeout(load, 10, 1);
setInterval(() => waiting, 1000);
`;

describe('a search for dead awaits', function () {
  this.timeout(60_000);
  let folder: string;
  let client: AdapterClient;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens dead ')));
    client = new AdapterClient('real');
    await client.initializeRequest();
  });
  afterEach(async () => {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** `sign`: what the state must show before the search, where that is to be waited for. */
  async function launch(source: string, sign?: RegExp): Promise<void> {
    const program = join(folder, 'app.cjs');
    writeFileSync(program, source);
    const runtimeExecutable = process.env['ASYNC_LENS_TEST_NODE'];
    await client.send('launch', { program, ...(runtimeExecutable === undefined ? {} : { runtimeExecutable }) });
    for (let text = ''; sign?.test(text) === false;) text = (await view()).text;
  }

  const view = async (): Promise<LensView> => (await client.customRequest('asyncLens/snapshot', { fresh: true })).body;
  const search = async (): Promise<DeadAwaitSearch> => (await client.customRequest('asyncLens/deadAwaits', {})).body;

  /** Promises younger than half a second are kept, and the machine says how soon that is. */
  async function found(): Promise<DeadAwaitSearch> {
    for (;;) {
      const answer = await search();
      if (answer.verdict !== 'none') return answer;
    }
  }

  it('finds them in a program that is idle, and leaves them in the view', async () => {
    await launch(FORGETS, /load {2}app\.cjs:3/);
    const { text, findings } = await found();
    assert.match(text, /^1 dead await\. The collection took \d/);
    assert.deepEqual(
      findings.map(({ rule, confidence, location }) => `${rule} ${confidence} ${location?.line}`),
      ['dead-await proved 3'],
    );
    assert.ok((await view()).findings.some(({ rule }) => rule === 'dead-await'));
    assert.deepEqual(client.eventsOf('asyncLens/stall'), []);
  });

  it('says in words that there is none', async () => {
    await launch(WAITS, /load {2}app\.cjs:4/);
    const { verdict, text } = await search();
    assert.equal(verdict, 'none');
    assert.match(
      text,
      /^No dead await: something is left that can settle what code waits for\. Awaits that began in the last 500 ms/,
    );
  });

  it('takes place after a pause', async () => {
    await launch(FORGETS, /load {2}app\.cjs:3 · \d+(?:\.\d)? s/);
    await client.customRequest('asyncLens/debuggerState', { paused: true });
    const { verdict, text } = await search();
    assert.equal(verdict, 'later');
    assert.match(text, /^The program is paused\. /);
    await client.customRequest('asyncLens/debuggerState', { paused: false });
    for (let findings: { rule: string }[] = []; !findings.some(({ rule }) => rule === 'dead-await');)
      ({ findings } = await view());
  });

  const BLOCKED = `${ERROR_CODES.noAnswer}: Something blocks the event loop of the program, so it cannot be searched for dead awaits. What blocks it is among the findings; ask again when it goes on.`;
  for (const [what, source] of [
    ['an endless loop', 'setTimeout(() => { for (;;); }, 500);'],
    ['a synchronous call', "setTimeout(() => require('node:child_process').execSync('sleep 60'), 500);"],
  ] as const) {
    it(`says so of a program that ${what} blocks`, async () => {
      await launch(source);
      await client.event('asyncLens/stall');
      assert.equal(await client.errorOf('asyncLens/deadAwaits', {}), BLOCKED);
    });
  }

  it('says so of a program that has ended', async () => {
    await launch('setTimeout(() => {}, 500);');
    await client.event('asyncLens/changed', (body) => (body as LensView).state === 'ended');
    assert.equal(
      await client.errorOf('asyncLens/deadAwaits', {}),
      `${ERROR_CODES.programEnded}: The program has ended: what it left pending is told by the last state.`,
    );
  });

  it('says so of a program that ends meanwhile', async () => {
    await launch('setTimeout(() => process.exit(), 1000); setInterval(() => {}, 5);');
    let error = 'no error';
    while (error === 'no error') error = await client.errorOf('asyncLens/deadAwaits', {});
    assert.match(error, /^\d+: The program has ended/);
  });
});

describe('the answer of a search for dead awaits', () => {
  const link = (usedMs: number, collect: () => Promise<boolean>) =>
    ({
      heap: { collectionMs: () => Promise.resolve(usedMs), collect },
      sweep: () => Promise.resolve(),
    }) as unknown as AgentLink;
  const searchIn = (of: AgentLink, anyway = false): Promise<DeadAwaitSearch> =>
    searchDeadAwaits({ link: of, refresh: () => Promise.resolve(), findings: () => [] }, { anyway, paused: false });

  it('is a question when the program would stand still for long', async () => {
    const large = link(2400, () => Promise.resolve(true));
    const { verdict, text, estimateMs } = await searchIn(large);
    assert.deepEqual([verdict, estimateMs], ['long', 2400]);
    assert.match(text, /takes about 2\.4 s, in which the program stands still\.$/);
    assert.equal((await searchIn(large, true)).verdict, 'none');
  });

  it('is an error when the program does not answer, or is gone', async () => {
    const blocked = link(50, () => Promise.resolve(false));
    await assert.rejects(searchIn(blocked), { code: ERROR_CODES.noAnswer });
    const gone = link(50, () => Promise.reject(new Error('Connection is closed')));
    await assert.rejects(searchIn(gone), { code: ERROR_CODES.programEnded });
  });
});

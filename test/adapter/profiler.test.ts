/** The CPU profiler through the adapter: as the settings say, and its word about a stall in native code with the finding. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Finding, Report } from '../../src/protocol/report.ts';
import { AdapterClient } from '../support/debug-adapter.ts';

const SOURCE = `
const text = 'a'.repeat(2e7);
let calls = 0;
function search() {
  return text.indexOf('aaaab' + calls++);
}
setInterval(search, 400);
`;
const WAIT_MS = 500;

describe('the CPU profiler through the adapter', function () {
  this.timeout(60_000);
  let folder: string;
  let client: AdapterClient;

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens profiler ')));
    writeFileSync(join(folder, 'search.cjs'), SOURCE);
  });
  afterEach(() => client.stop());
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('runs when the settings say so, and explains stalls in native code', async () => {
    client = new AdapterClient('real');
    await client.initializeRequest();
    await client.send('launch', { program: join(folder, 'search.cjs'), settings: { stall: { profiler: 'on' } } });
    const report = async (): Promise<Report> => (await client.customRequest('asyncLens/report')).body;
    const evidence = ({ findings }: Report): Finding['related'] =>
      findings.flatMap(({ related }) => related.filter(({ message }) => message.startsWith('search itself took ')));
    let found = evidence(await report());
    while (found.length === 0) {
      await delay(WAIT_MS);
      found = evidence(await report());
    }
    assert.equal(found[0]?.location?.line, 5);
  });
});

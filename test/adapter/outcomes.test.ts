/** How tasks end, asked by the adapter of a real program while it runs. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report, ReportEndedTask } from '../../src/protocol/report.ts';
import { AdapterClient } from '../support/debug-adapter.ts';

const SOURCE = `
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function fine() { await sleep(2500); }
async function fails() { await sleep(2600); throw new TypeError('no such order'); }
async function main() { await Promise.allSettled([fine(), fails()]); await sleep(600000); }
main();
`;

describe('tasks that end', function () {
  this.timeout(60_000);
  let folder: string;
  let client: AdapterClient;

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens-ends-')));
    writeFileSync(join(folder, 'ends.cjs'), SOURCE);
    client = new AdapterClient('real');
    await client.initializeRequest();
    await client.send('launch', { program: join(folder, 'ends.cjs') });
  });
  after(async () => {
    await client.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are told with how they settled', async () => {
    const settled = (ended: readonly ReportEndedTask[]): boolean =>
      ended.length === 2 && ended.every(({ outcome }) => outcome !== undefined);
    let ended: readonly ReportEndedTask[] = [];
    while (!settled(ended)) {
      ended = ((await client.customRequest('asyncLens/report')).body as Report).ended ?? [];
    }
    assert.deepEqual(
      ended.map(({ name, outcome, error }) => [name, outcome, error]),
      [
        ['fails', 'rejected', 'TypeError: no such order'],
        ['fine', 'fulfilled', undefined],
      ],
    );
  });
});

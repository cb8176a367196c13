/** Random programs whose await tree is known: what the agent calls exact is true, and no task is missing. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import type { AgentResult, Snapshot } from '../../src/protocol/agent.ts';
import { randomProgram, trueTrees, type RandomProgram } from '../support/random-programs.ts';
import { agentOption, nodeBinary } from '../support/run-node.ts';
import { judge, truthText } from '../support/tree-truth.ts';

const HOST = fileURLToPath(new URL('./fixtures/random-tree/host.cjs', import.meta.url));
const RUNS = Number(process.env['ASYNC_LENS_RUNS'] ?? 150);

describe('await tree of random programs', function () {
  this.timeout(300_000);
  let host: ChildProcess;

  before(async () => {
    const env = { ...process.env, NODE_OPTIONS: agentOption() };
    host = fork(HOST, { execPath: nodeBinary(), execArgv: [], env });
    await once(host, 'message');
  });
  after(() => host.kill());

  async function run(program: RandomProgram): Promise<Snapshot> {
    const answered = once(host, 'message');
    host.send(program);
    const [answer] = (await answered) as [AgentResult<Snapshot>];
    assert.ok(answer.ok);
    assert.deepEqual(answer.value.faults, []);
    return answer.value;
  }

  it('says nothing false and leaves nothing out', async () => {
    let tasks = 0;
    let inferred = 0;
    await fc.assert(
      fc.asyncProperty(randomProgram, async (program) => {
        const truth = trueTrees(program);
        const snapshot = await run(program);
        // Many waiters of shared promises in a short time: not all are looked at, and it says so.
        fc.pre(snapshot.counts.droppedEvents === 0);
        const verdict = judge(snapshot, truth);
        tasks += verdict.tasks;
        inferred += verdict.inferred;
        assert.deepEqual(verdict.problems, [], `the truth:\n${truthText(truth.roots)}`);
      }),
      { numRuns: RUNS },
    );
    assert.ok(inferred < tasks / 20, `${inferred} of ${tasks} tasks are only likely`);
  });
});

/** Where tasks of a real program were started, told only when the user has asked for it. */
import assert from 'node:assert/strict';
import type { ExitEvent, Snapshot, TaskNode } from '../../src/protocol/agent.ts';
import { runWithAgent } from '../support/run-node.ts';
import { NEVER } from './fixtures/await-tree/case.ts';

const PROGRAM = `
${NEVER}
async function load() { await never(); }
async function handler() {
  await null;
  await Promise.all([load(),
    load()]);
}
function main() { handler(); }
main();
setTimeout(() => process.exit(), 400);`;

/** Function and line of the code that started the oldest member of each task, depth first. */
function starts(tasks: readonly TaskNode[], snapshot: Snapshot): string[] {
  return tasks.flatMap(({ startedAt, children }, i) => {
    const frame = snapshot.frames[startedAt?.[0] ?? -1];
    const own = frame === undefined ? `task ${i}: nowhere` : `${frame.function}:${frame.line}`;
    return [...(tasks[i]?.kind === 'combinator' ? [] : [own]), ...starts(children, snapshot)];
  });
}

describe('the line where a task was started', () => {
  async function startsWith(env: Record<string, string>): Promise<string[]> {
    const { events, stderr } = await runWithAgent({ source: PROGRAM.trimStart(), env });
    const exit = events.find((event): event is ExitEvent => event.event === 'exit');
    assert.ok(exit, `no exit event; stderr: ${stderr}`);
    assert.deepEqual(exit.snapshot.faults, []);
    return starts(exit.snapshot.tasks, exit.snapshot);
  }

  for (const mode of ['all', 'sampled']) {
    it(`is told with ${mode} creation stacks`, async () => {
      const env = { ASYNC_LENS_CREATION_STACKS: mode };
      assert.deepEqual(await startsWith(env), ['main:8', 'handler:5']);
    });
  }

  it('is not taken down unless asked for', async () => {
    assert.deepEqual(await startsWith({}), ['task 0: nowhere', 'task 0: nowhere']);
  });
});

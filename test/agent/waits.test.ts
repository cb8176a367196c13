/** What the tasks of real programs wait for, in the words the user reads: the expected words are written next to the program. */
import assert from 'node:assert/strict';
import type { ExitEvent, Frame, Snapshot, TaskNode } from '../../src/protocol/agent.ts';
import { waitDetail } from '../../src/model/wording/wording.ts';
import { normalise } from '../support/golden.ts';
import { newPool } from '../support/pool.ts';
import { nodeBinary, runWithAgent, type RunResult } from '../support/run-node.ts';
import type { Case } from './fixtures/await-tree/case.ts';
import { CRYPTO } from './fixtures/waits/crypto.ts';
import { EVENTS } from './fixtures/waits/events.ts';
import { FILES } from './fixtures/waits/files.ts';
import { HTTP } from './fixtures/waits/http.ts';
import { PROCESSES } from './fixtures/waits/processes.ts';
import { SOCKETS } from './fixtures/waits/sockets.ts';
import { STREAMS } from './fixtures/waits/streams.ts';
import { TIMERS } from './fixtures/waits/timers.ts';
import { WEB_STREAMS } from './fixtures/waits/web-streams.ts';

/** The program ends itself soon after it has called `done`, or when everything must be suspended. */
const end = (program: string): string => `
function done() { setTimeout(() => process.exit(), 200).unref(); }
setTimeout(() => {}, 100000);
${program.includes('done') ? '' : 'setTimeout(done, 300).unref();'}`;

/** One line for each task of the program that awaits something outside, in the order of the program (`~`: only likely). */
function waits(snapshot: Snapshot): string {
  const lines: { line: number; text: string }[] = [];
  const visit = (task: TaskNode, above: Frame | undefined): void => {
    const frame = snapshot.frames[task.frames[0] ?? -1];
    const own = frame?.file.startsWith('node:') === false ? frame : above;
    if (task.wait !== undefined) {
      const words = `${task.wait.confidence === 'exact' ? '' : '~'}${waitDetail(task.wait.facts)}`;
      lines.push({ line: own?.line ?? 0, text: `${own?.function}:${own?.line} -> ${words}` });
    }
    for (const child of task.children) visit(child, own);
  };
  for (const task of snapshot.tasks) visit(task, undefined);
  lines.sort((a, b) => a.line - b.line || a.text.localeCompare(b.text));
  return normalise(lines.map(({ text }) => text).join('\n'))
    .replace(/(?<=child process )\d+/g, '<pid>')
    .replaceAll(nodeBinary(), '<node>');
}

const CASES = [EVENTS, STREAMS, WEB_STREAMS, HTTP, SOCKETS, PROCESSES, TIMERS, FILES, CRYPTO].flat();
/** The programs sleep most of their time. */
const SIDE_BY_SIDE = 4;

describe('waits in words', function () {
  // The first test may have to wait for its turn.
  this.timeout(60_000);
  const runs = new Map<Case, Promise<RunResult>>();

  before(() => {
    const inTurn = newPool(SIDE_BY_SIDE);
    for (const example of CASES) {
      const run = inTurn(() => runWithAgent({ source: example.program.trimStart() + end(example.program) }));
      run.catch(() => undefined); // told by its test
      runs.set(example, run);
    }
  });

  for (const example of CASES) {
    it(example.title, async () => {
      const { events, stdout, stderr } = (await runs.get(example)) ?? assert.fail();
      const exit = events.find((event): event is ExitEvent => event.event === 'exit');
      assert.ok(exit, `no exit event; stderr: ${stderr}`);
      assert.equal(`\n${waits(exit.snapshot)}`, example.tree);
      assert.deepEqual(exit.snapshot.faults, []);
      assert.equal(stdout, '');
    });
  }
});

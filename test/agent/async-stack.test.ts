/** What the agent says about the way to the code at a `debugger` statement, construct by construct. */
import assert from 'node:assert/strict';
import type { TaskNode } from '../../src/protocol/agent.ts';
import type { AsyncFrame, AsyncPart, AsyncStack } from '../../src/protocol/async-stack.ts';
import { CASES } from './fixtures/async-stack/cases.ts';
import { awaitTree } from '../support/await-tree.ts';
import { runPaused } from '../support/paused.ts';

describe('the asynchronous stack of paused code', function () {
  this.timeout(30_000);

  for (const { title, program, stacks } of CASES) {
    it(title, async () => {
      const drawn: string[] = [];
      await runPaused(program.trimStart(), async (ask) => {
        drawn.push(draw(await ask({ request: 'asyncStack' })));
      });
      assert.equal(`\n${drawn.join('\n')}`, stacks);
    });
  }

  it('leaves the program as it is', async () => {
    const printed = await runPaused(
      `async function inner() { await null; debugger; return new Error('own').stack.split('\\n').slice(0, 3).join(); }
const limit = Error.stackTraceLimit;
async function outer() { return (await inner()).replaceAll(__filename, 'main'); }
outer().then((stack) => console.log(stack, Error.stackTraceLimit === limit, process.exitCode));`,
      async (ask) => {
        await ask({ request: 'asyncStack' });
      },
    );
    assert.match(
      printed,
      /^Error: own, {4}at inner \(main:1:\d+\), {4}at async outer \(main:3:\d+\) true undefined\n$/,
    );
  });

  it('stays known for all stops of one stretch, with snapshots in between', async () => {
    const drawn: string[] = [];
    await runPaused(
      `async function work() {
  await null;
  debugger;
  debugger;
}
async function main() { await work(); }
main();`,
      async (ask) => {
        drawn.push(draw(await ask({ request: 'asyncStack' })));
        const snapshot = await ask({ request: 'snapshot' });
        assert.ok(!('done' in snapshot));
        assert.deepEqual(snapshot.faults, []);
      },
    );
    assert.deepEqual(drawn, ['work:3\n  await: main:6', 'work:4\n  await: main:6']);
  });

  it('has the lines of tasks that no snapshot had shown before, without a probe that the program would see', async () => {
    const trees: string[] = [];
    const printed = await runPaused(
      `const never = () => new Promise(() => {});
async function leaf() { await never(); }
async function branch() { await Promise.all([leaf(), leaf()]); }
async function work() {
  await null;
  branch();
  debugger;
  return new Error('own').stack.split('\\n    at ').slice(1, 3).map((line) => line.split(' (')[0]).join();
}
async function main() { console.log(await work()); }
main();
leaf();`,
      async (ask) => {
        await ask({ request: 'asyncStack' });
        const snapshot = await ask({ request: 'snapshot' });
        assert.ok(!('done' in snapshot));
        trees.push(awaitTree(snapshot));
      },
    );
    const tree = `
main:10
  work:7
leaf:2 -> promise
branch:3
  Promise.all
    ×2 leaf:2 -> promise`;
    assert.deepEqual([printed, ...trees], ['work,async main\n', tree.slice(1)]);
  });

  it('puts the running task into the snapshot, at the line where it is held', async () => {
    const found: string[] = [];
    await runPaused(
      `async function work() {
  await null;
  debugger;
  await null;
  debugger;
}
async function main() { await work(); }
main();`,
      async (ask) => {
        await ask({ request: 'asyncStack' });
        const snapshot = await ask({ request: 'snapshot' });
        assert.ok(!('done' in snapshot));
        const { tasks, frames } = snapshot;
        const path: string[] = [];
        for (let next: TaskNode | undefined = tasks[0]; next !== undefined; next = next.children[0]) {
          const frame = frames[next.frames[0] ?? -1];
          path.push(`${frame?.function}:${frame?.line}${next.held ? ' held' : ''}`);
        }
        found.push(path.join(' > '));
      },
    );
    assert.deepEqual(found, ['main:7 > work:3 held', 'main:7 > work:5 held']);
  });
});

function draw({ frames, parts }: AsyncStack): string {
  const own = frames.filter(({ file }) => file.endsWith('main.cjs'));
  return [own.map(place).join(' < '), ...parts.map(drawPart)].join('\n  ');
}

function drawPart({ kind, facts, frames, confidence }: AsyncPart): string {
  const user = frames.filter(({ frame }) => frame === undefined || frame.file.endsWith('main.cjs')).map(line);
  const what = facts === undefined ? '' : ` ${facts.kind === 'timer' ? `${facts.api} ${facts.delayMs}` : facts.kind}`;
  return `${confidence === 'exact' ? '' : '~'}${kind}${what}: ${user.join(' < ')}`;
}

function line({ frame, combinator, index }: AsyncFrame): string {
  return frame === undefined ? `${combinator}[${index}]` : place(frame);
}

function place({ function: name, line: number }: { function: string; line: number }): string {
  return `${name === '' ? '(anonymous)' : name.replace(/^.*\./, '')}:${number}`;
}

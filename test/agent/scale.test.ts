/** Snapshots of large programs: complete, honest about what is left out, and taken in slices between which the program goes on. */
import assert from 'node:assert/strict';
import type { ExitEvent, Snapshot, TaskNode } from '../../src/protocol/agent.ts';
import { runWithAgent } from '../support/run-node.ts';

interface Taken {
  snapshot: Snapshot;
  slices: number;
  longestMs: number;
}

/** The program's side: `take` asks as the adapter does, each slice in a turn of its own and not in a reaction; `between` runs after the first slice. */
const PRELUDE = `
const request = (value) => JSON.parse(globalThis[Symbol.for('async-lens.agent')].request(JSON.stringify(value))).value;
const turn = () => new Promise((resolve) => setTimeout(resolve, 2));
function slice(resolve) {
  const start = performance.now();
  const answer = request({ request: 'snapshot', budgetMs: 8 });
  resolve({ answer, ms: performance.now() - start });
}
const held = [];
const never = () => new Promise((resolve) => held.push(resolve));
async function leaf() { await never(); }
async function middle() { await leaf(); }
async function top() { await middle(); }
async function take(between = () => {}) {
  let longestMs = 0;
  for (let slices = 1; ; slices++) {
    const { answer, ms } = await new Promise((resolve) => setTimeout(slice, 2, resolve));
    longestMs = Math.max(longestMs, ms);
    if (!('done' in answer)) return { snapshot: answer, slices, longestMs };
    if (slices === 1) between();
  }
}
/** Until nothing is left out; a busy machine may need more than one. */
async function takeAll() {
  for (;;) {
    const taken = await take();
    if (taken.snapshot.counts.droppedEvents === 0) return taken;
  }
}
const done = (taken) => process.stdout.write(JSON.stringify(taken), () => process.exit());
`;

async function run<T = Taken>(source: string, execArgv: string[] = []): Promise<T> {
  const { stdout, stderr } = await runWithAgent({ source: PRELUDE + source, execArgv, timeoutMs: 120_000 });
  assert.equal(stderr, '');
  return JSON.parse(stdout) as T;
}

/** A slice takes 8 ms and a collection of garbage; a starved machine makes it many times that. Milliseconds. */
const WIDE = 1000;

const functionOf = ({ frames }: Snapshot, task: TaskNode | undefined): string | undefined =>
  frames[task?.frames[0] ?? -1]?.function;

function* allNodes(nodes: readonly TaskNode[]): Iterable<TaskNode> {
  for (const node of nodes) {
    yield node;
    yield* allNodes(node.children);
  }
}

describe('snapshots of large programs', function () {
  this.timeout(120_000);

  it('answers for a small program at once', async () => {
    const { slices, snapshot } = await run(
      `for (let i = 0; i < 20; i++) top();\nsetTimeout(() => take().then(done), 5);`,
    );
    assert.equal(slices, 1);
    const tops = snapshot.tasks.filter((task) => functionOf(snapshot, task) === 'top');
    assert.deepEqual(
      tops.map(({ count }) => count),
      [20],
    );
  });

  it('shows 10,000 calls that call others as one group at each level', async () => {
    const { snapshot, longestMs } = await run(`for (let i = 0; i < 10_000; i++) top();\ntakeAll().then(done);`);
    const [task] = snapshot.tasks;
    const child = task?.children[0];
    assert.deepEqual(
      [task, child, child?.children[0]].map((node) => [functionOf(snapshot, node), node?.count]),
      [
        ['top', 10_000],
        ['middle', 10_000],
        ['leaf', 10_000],
      ],
    );
    // The functions that ask may be waiting, too.
    assert.ok(Math.abs(snapshot.counts.pendingTasks - 30_000) <= 2, `${snapshot.counts.pendingTasks}`);
    assert.ok(longestMs < WIDE, `${longestMs} ms`);
  });

  it('is certain of each call of a recursion, however many there are', async () => {
    const { snapshot } = await run(
      `async function down(n) { await (n > 0 ? down(n - 1) : never()); }
       for (let i = 0; i < 2000; i++) down(10);
       setTimeout(() => takeAll().then(done), 5);`,
    );
    const levels = [...allNodes(snapshot.tasks)].filter((task) => functionOf(snapshot, task) === 'down');
    assert.deepEqual(
      levels.map(({ count, confidence }) => [count, confidence]),
      Array.from({ length: 11 }, () => [2000, 'exact']),
    );
  });

  it('lists the oldest at each level, also where the oldest calls wait for younger ones', async () => {
    const { snapshot } = await run(
      `const callbacks = [];
       async function later() { await new Promise((resolve) => callbacks.push(resolve)); await middle(); }
       for (let i = 0; i < 200; i++) later();
       setTimeout(() => { while (callbacks.length > 0) callbacks.pop()(); }, 1);
       setTimeout(() => takeAll().then(done), 20);`,
    );
    const task = snapshot.tasks.find((node) => functionOf(snapshot, node) === 'later');
    const levels = [task, task?.children[0], task?.children[0]?.children[0]];
    assert.deepEqual(
      levels.map((node) => [functionOf(snapshot, node), node?.count, node?.ids.length, node?.children.length]),
      [
        ['later', 200, 50, 1],
        ['middle', 200, 50, 1],
        ['leaf', 200, 50, 0],
      ],
    );
    for (const node of levels) {
      assert.equal(node?.id, node?.ids[0]);
      assert.deepEqual(
        node?.ids,
        node?.ids.toSorted((a, b) => a - b),
      );
    }
    // Who began last went on first: the oldest calls at the second level are those of the youngest, made right after all had begun.
    const spacing = ({ ids }: TaskNode): number => ((ids.at(-1) ?? 0) - (ids[0] ?? 0)) / 49;
    const [tops, middles] = levels;
    assert.ok(tops !== undefined && middles !== undefined);
    const distance = middles.id - (tops.id + 200 * spacing(tops));
    assert.ok(distance < 75 * spacing(middles), `${distance}`);
  });

  it('finds each of 100,000 tasks and says so in few bytes', async () => {
    const { snapshot, slices, longestMs } = await run(
      `for (let i = 0; i < 100_000; i++) leaf();\ntakeAll().then(done);`,
    );
    const task = snapshot.tasks.find((node) => functionOf(snapshot, node) === 'leaf');
    assert.equal(task?.count, 100_000);
    assert.equal(task.ids.length, 50);
    assert.equal(snapshot.counts.droppedEvents, 0);
    assert.ok(slices > 1);
    assert.ok(longestMs < WIDE, `${longestMs} ms`);
    assert.ok(JSON.stringify(snapshot).length < 20_000);
  });

  it('finds each of 50,000 elements of one Promise.all', async () => {
    const { snapshot } = await run(
      `async function fan() { await Promise.all(Array.from({ length: 50_000 }, leaf)); }\nfan();\ntakeAll().then(done);`,
    );
    const fan = snapshot.tasks.find((node) => functionOf(snapshot, node) === 'fan');
    assert.equal(fan?.children[0]?.combinator, 'all');
    assert.equal(fan.children[0].children[0]?.count, 50_000);
  });

  it('counts what it leaves out of a million promises, neither freezing the program nor doubling its memory', async () => {
    const { snapshot, longestMs, growth } = await run<Taken & { growth: number }>(
      `for (let i = 0; i < 400_000; i++) leaf();
       const heap = () => (gc(), process.memoryUsage().heapUsed);
       setTimeout(() => {
         const before = heap();
         let most = 0;
         const used = () => process.memoryUsage().heapUsed;
         // Garbage does not count: V8 collects it when it likes to.
         const watch = setInterval(() => (most = Math.max(most, used() < 1.5 * before ? used() : heap())), 20);
         take().then((taken) => (clearInterval(watch), done({ ...taken, growth: most / before })));
       }, 10);`,
      ['--expose-gc', '--max-old-space-size=4096'],
    );
    const { pendingTasks, droppedEvents, pendingPromises } = snapshot.counts;
    const ours = 400_000;
    assert.ok(Math.abs(pendingTasks + droppedEvents - ours) <= 4, `${pendingTasks} + ${droppedEvents}`);
    assert.ok(Math.abs(pendingPromises - 3 * ours) <= 10, `${pendingPromises}`);
    assert.ok(droppedEvents > 0);
    assert.ok(longestMs < WIDE, `${longestMs} ms`);
    assert.ok(growth < 2, `${growth}`);
  });

  it('leaves out what ended between two slices, and shows where a busy task waits now', async () => {
    const { snapshot, slices } = await run(
      `async function ends() { await never(); }
       async function sleep() { await turn(); }
       async function works() { for (;;) await sleep(); }
       async function main() { await works(); }
       for (let i = 0; i < 1000; i++) ends();
       const enders = held.splice(0);
       for (let i = 0; i < 50_000; i++) leaf();
       for (let i = 0; i < 20; i++) main();
       takeAll().then(() => take(() => enders.forEach((end) => end()))).then(done);`,
    );
    assert.ok(slices > 1);
    const names = [...allNodes(snapshot.tasks)].map((node) => functionOf(snapshot, node));
    assert.ok(!names.includes('ends'));
    for (const node of allNodes(snapshot.tasks)) {
      assert.ok(node.children.length > 0 || node.wait !== undefined, `${functionOf(snapshot, node)} waits for nothing`);
    }
    const mains = snapshot.tasks.filter((node) => functionOf(snapshot, node) === 'main');
    assert.equal(
      mains.reduce((sum, { count }) => sum + count, 0),
      20,
    );
    for (const main of mains) assert.equal(functionOf(snapshot, main.children[0]), 'works');
  });

  it('shows what has changed since the last one, also in tasks it has only counted', async () => {
    const { snapshot } = await run(
      `async function twice() {
         await never();
         await never();
       }
       async function late(call) { await call; }
       const calls = [];
       for (let i = 0; i < 2000; i++) calls.push(twice());
       const first = held.splice(0);
       takeAll().then(takeAll).then(() => {
         for (const resolve of first.splice(0, 500)) resolve();
         late(calls[1999]);
         return turn();
       }).then(takeAll).then(done);`,
    );
    const told = snapshot.tasks.map((task) => {
      const { line } = snapshot.frames[task.frames[0] ?? -1] ?? {};
      return [functionOf(snapshot, task), line, task.count, task.ids.length, task.detached, task.children.length];
    });
    const [one] = told.filter(([name]) => name === 'twice');
    const line = Number(one?.[1]);
    assert.deepEqual(
      told.filter(([name]) => name === 'twice' || name === 'late'),
      [
        ['twice', line, 500, 50, true, 0],
        ['twice', line - 1, 1499, 50, true, 0],
        ['late', line + 2, 1, 1, true, 1],
      ],
    );
    const late = snapshot.tasks.find((task) => functionOf(snapshot, task) === 'late');
    assert.equal(functionOf(snapshot, late?.children[0]), 'twice');
    assert.equal(late?.children[0]?.count, 1);
  });

  it('lists the largest of very many groups, and says how many more there are', async () => {
    const { snapshot } = await run(
      `for (let i = 0; i < 1500; i++) {
         const call = new Function('never', 'return async function f' + i + '() { await never(); }')(never);
         call();
         if (i === 1400) call();
       }
       takeAll().then(done);`,
    );
    const { groupsLeftOut = 0, tasksLeftOut = 0, pendingTasks } = snapshot.counts;
    assert.equal(snapshot.tasks.length, 1000);
    assert.ok(snapshot.tasks.some((task) => functionOf(snapshot, task) === 'f1400' && task.count === 2));
    assert.equal(groupsLeftOut, tasksLeftOut);
    assert.equal(
      snapshot.tasks.reduce((sum, { count }) => sum + count, tasksLeftOut),
      pendingTasks,
    );
    assert.ok(Math.abs(groupsLeftOut - 500) <= 3, `${groupsLeftOut}`);
  });

  it('finds tasks also when it first looks from within a deep recursion, and loses none in a deeper one', async () => {
    const found = await run<Snapshot['counts'][]>(
      `const found = [];
       const look = () => found.push(request({ request: 'snapshot' }).counts);
       const within = (frames) => (frames === 0 ? look() : within(frames - 1));
       for (let i = 0; i < 100; i++) leaf();
       setTimeout(() => {
         within(500);
         for (let i = 0; i < 1000; i++) middle();
         within(2000);
         setTimeout(() => { look(); done(found); });
       });`,
    );
    const [deep, deeper, after] = found.map(({ pendingTasks, droppedEvents }) => [pendingTasks, droppedEvents]);
    assert.deepEqual(deep, [100, 0]);
    assert.deepEqual(after, [2100, 0]);
    assert.equal((deeper?.[0] ?? 0) + (deeper?.[1] ?? 0), 2100);
    assert.notEqual(deeper?.[1], 0);
  });

  it('is complete at the end of the program, whatever was under way', async () => {
    const { events } = await runWithAgent({
      source: `${PRELUDE}for (let i = 0; i < 20_000; i++) leaf();\nrequest({ request: 'snapshot', budgetMs: 1 });`,
    });
    const exit = events.find((event): event is ExitEvent => event.event === 'exit');
    const { pendingTasks = 0, droppedEvents = 0 } = exit?.snapshot.counts ?? {};
    assert.equal(pendingTasks + droppedEvents, 20_000);
    assert.equal(exit?.snapshot.tasks[0]?.count, pendingTasks);
  });
});

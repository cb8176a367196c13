/** Which loops of a source sleep only to look again. */
import assert from 'node:assert/strict';
import { pollLoopsIn } from '../../src/model/source/poll-loops.ts';

const lines = (source: string): string =>
  pollLoopsIn(source)
    .map(({ line, head }) => `${line} (${head.from}-${head.to})`)
    .join(', ');

describe('loops that poll', () => {
  it('are those that sleep while something is not there yet', () => {
    assert.equal(lines('while (!ready) await sleep(5);'), '1 (1-1)');
    assert.equal(lines('while (!ready) {\n await delay(5);\n}'), '2 (1-1)');
    assert.equal(lines('while (\n !(await isReady())\n) {\n await timers.setTimeout(5);\n}'), '4 (1-3)');
    assert.equal(lines('while (!ready) {\n await new Promise((resolve) => setTimeout(resolve, 5));\n}'), '2 (1-1)');
    assert.equal(lines('do {\n await sleep(5);\n} while (!ready);'), '2 (3-3)');
    assert.equal(
      lines('while (!ready) {\n if (Date.now() > end) throw new Error("late");\n await setImmediate();\n}'),
      '3 (1-1)',
    );
  });

  it('are those that sleep in a branch when there is nothing to do', () => {
    const work = (idle: string): string =>
      `while (true) {\n const job = queue.shift();\n ${idle}\n await handle(job);\n}`;
    assert.equal(lines(work('if (!job) { await sleep(5); continue; }')), '3 (1-1)');
    assert.equal(
      lines('for (;;) {\n const job = take();\n if (job) await handle(job);\n else await sleep(5);\n}'),
      '4 (1-1)',
    );
  });

  it('are those with the work in the other branch', () => {
    const loop = (text: string): string => lines(`while (true) {\n const job = take();\n ${text}\n}`);
    assert.equal(loop('if (!job) await sleep(5); else await handle(job);'), '3 (1-1)');
    assert.equal(loop('if (!job) { await sleep(5); } else { await handle(job); }'), '3 (1-1)');
    assert.equal(loop('if (!job) await setImmediate(); else await handle(job);'), '');
    assert.deepEqual(
      pollLoopsIn('for (;;) { if (!job) await sleep(1_000); else await handle(job); }').map(({ sleepMs }) => sleepMs),
      [1000],
    );
  });

  it('are none when each round does something', () => {
    assert.equal(lines('while (running) {\n step();\n await sleep(16);\n}'), '');
    assert.equal(lines('for (const id of ids) {\n await send(id);\n await sleep(10);\n}'), '');
    assert.equal(lines('while (true) {\n await sleep(10);\n}'), '');
    assert.equal(lines('while (!done) {\n await step();\n}'), '');
    assert.equal(lines('if (late) await sleep(5);'), '');
    assert.equal(
      lines('for (const key of keys) {\n await load(key);\n if (i++ % 100 === 0) await setImmediate();\n}'),
      '',
    );
    assert.equal(lines('while (!done) {\n work();\n if (!done) {\n await sleep(5);\n }\n}'), '');
    assert.equal(lines('for (const x of list) {\n list.forEach(async () => { if (!x) await sleep(5); });\n}'), '');
    assert.equal(lines('while (!ready) {\n await new Promise((resolve) => bus.once("ready", resolve));\n}'), '');
  });
});

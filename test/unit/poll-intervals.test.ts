/** Which intervals of a source only look again, until they end themselves. */
import assert from 'node:assert/strict';
import { pollIntervalsIn } from '../../src/model/source/poll-intervals.ts';

const lines = (source: string): string => [...pollIntervalsIn(source)].join(', ');
const withBody = (body: string): string => lines(`const timer = setInterval(() => {\n${body}\n}, 5);`);

describe('intervals that poll', () => {
  it('are those that end themselves when something has come, and else do nothing', () => {
    assert.equal(withBody('if (ready) {\n clearInterval(timer);\n resolve();\n}'), '1');
    assert.equal(withBody('if (!isReady()) return;\nclearInterval(timer);\nopen();'), '1');
    assert.equal(
      withBody('const found = document.get(id);\nif (found) { clearInterval(timer); resolve(found); }'),
      '1',
    );
    assert.equal(
      withBody(
        'if (Date.now() > end) { clearInterval(timer); reject(new Error("late")); }\nif (ready) { clearInterval(timer); go(); }',
      ),
      '1',
    );
    assert.equal(
      withBody('if (late) { clearInterval(timer); fail(); } else if (ready) { clearInterval(timer); go(); }'),
      '1',
    );
  });

  it('have the callback there, or in the same file', () => {
    assert.equal(lines('const t = setInterval(function () { if (ready) { clearInterval(t); go(); } }, 5);'), '1');
    assert.equal(
      lines('function look() { if (ready) { clearInterval(t); go(); } }\nconst t = setInterval(look, 5);'),
      '2',
    );
    assert.equal(
      lines('const look = () => { if (ready) { clearInterval(t); go(); } };\nconst t = setInterval(look, 5);'),
      '2',
    );
    assert.equal(lines("import { look } from './look.js';\nconst t = setInterval(look, 5);"), '');
  });

  it('are none that work at each tick, or may', () => {
    assert.equal(withBody('draw();\nif (done) clearInterval(timer);'), '');
    assert.equal(withBody('if (advance()) { clearInterval(timer); resolve(); }'), '');
    assert.equal(withBody('if (++rounds > 300) clearInterval(timer);'), '');
    assert.equal(withBody('const job = queue.shift();\nif (job) { clearInterval(timer); run(job); }'), '');
    assert.equal(withBody('if (queue.length > 0) work();\nif (done) clearInterval(timer);'), '');
    assert.equal(withBody('if (done) clearInterval(timer); else draw();'), '');
    assert.equal(withBody('if (done) { clearInterval(timer); return; }\ndraw();'), '');
    assert.equal(withBody('if (!ready) return;\ntimes = times + 1;'), '');
    assert.equal(withBody('if (count > 0) { work(); if (done) clearInterval(timer); }'), '');
    assert.equal(withBody('if (!ready) return;\nwork();\nif (done) clearInterval(timer);'), '');
    assert.equal(withBody('if (late) { clearInterval(timer); return; }\nif (!ready) return;\nwork();'), '');
    assert.equal(withBody('heartbeat();'), '');
    assert.equal(withBody('if (await isReady()) { clearInterval(timer); }'), '');
  });
});

/** What the polls of a watcher find out about stalls. */
import assert from 'node:assert/strict';
import { runWithAgent } from '../support/run-node.ts';
import { finalSnapshot, told } from '../support/stalls.ts';

describe('polls', function () {
  this.timeout(60_000);

  const polling = (paused: boolean): string => `
    const agent = globalThis[Symbol.for('async-lens.agent')];
    const poll = (paused) => JSON.parse(agent.request(JSON.stringify({ request: 'poll', paused }))).value;
    function spin(ms) { const end = Date.now() + ms; while (Date.now() < end); }
    setTimeout(function work() {
      poll(false); poll(${paused}); spin(150); poll(${paused}); spin(150); poll(${paused}); poll(false);
      const { stall } = poll(false);
      console.log(stall === undefined ? 'none' : stall.kind);
      setImmediate(() => setTimeout(() => poll(false), 20));
    }, 50);`;

  it('tell the stall that is going on', async () => {
    const run = await runWithAgent({ source: polling(false) });
    assert.equal(run.stdout, 'javascript\n');
    assert.equal(told(finalSnapshot(run)).length, 1);
  });

  it('that come late still tell the whole turn', async () => {
    const source = `
      const agent = globalThis[Symbol.for('async-lens.agent')];
      const poll = () => JSON.parse(agent.request(JSON.stringify({ request: 'poll', paused: false }))).value;
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      setTimeout(async function work() {
        for (let i = 0; i < 10; i++) { poll(); await new Promise((resolve) => setTimeout(resolve, 10)); }
        for (let i = 0; i < 10; i++) await turn();
        for (const end = Date.now() + 300; Date.now() < end; );
        console.log(poll().stall.durationMs > 200);
      }, 50);`;
    const run = await runWithAgent({ source });
    assert.equal(run.stdout, 'true\n', run.stderr);
  });

  it('do not blame a call for the JavaScript of the next turn', async () => {
    const source = `
      const { pbkdf2Sync } = require('node:crypto');
      const agent = globalThis[Symbol.for('async-lens.agent')];
      const poll = () => JSON.parse(agent.request('{"request":"poll","paused":false}')).value;
      const spin = (ms) => { for (const end = Date.now() + ms; Date.now() < end; ); };
      setTimeout(() => { poll(); pbkdf2Sync('a', 'b', 1_000_000, 64, 'sha512'); setImmediate(next); }, 100);
      function next() { poll(); for (let i = 0; i < 5; i++) { spin(50); poll(); } console.log(poll().stall.kind); }`;
    const run = await runWithAgent({ source });
    assert.equal(run.stdout, 'javascript\n', run.stderr);
  });

  it('that did not come any more leave a call that threw to the end', async () => {
    const source = `
      const { execSync } = require('node:child_process');
      const agent = globalThis[Symbol.for('async-lens.agent')];
      setTimeout(() => agent.request('{"request":"poll","paused":false}'), 100);
      setTimeout(function work() { try { execSync('sleep 0.4; exit 3'); } catch {} }, 150);
      setTimeout(() => {}, 1500);`;
    const [stall] = told(finalSnapshot(await runWithAgent({ source })));
    assert.deepEqual([stall?.kind, stall?.api, stall?.open], ['sync-call', 'child_process.execSync', false]);
    assert.ok(stall !== undefined && stall.durationMs > 300 && stall.durationMs < 900, `${stall?.durationMs} ms`);
  });

  it('in the middle of the announcement of a call do not take it for one that is over', async () => {
    // The agent writes its events with this function, which asks from below Node's own code.
    const preload = `
      const fs = require('node:fs');
      const { EventEmitter } = require('node:events');
      const { writeSync } = fs;
      const emitter = new EventEmitter().on('write', (text) => {
        const answer = globalThis[Symbol.for('async-lens.agent')]?.request('{"request":"poll","paused":false}');
        if (text.includes('blocking-begin')) globalThis.calling = answer.includes('"calling":true');
      });
      fs.writeSync = (...args) => { emitter.emit('write', String(args[1])); return writeSync(...args); };`;
    const source = `
      const { execSync } = require('node:child_process');
      setTimeout(function work() { try { execSync('sleep 0.4; exit 3'); } catch {} }, 150);
      setTimeout(() => console.log(globalThis.calling), 1000);`;
    const env = { NODE_OPTIONS: '--require ./preload.cjs' };
    const run = await runWithAgent({ source, env, files: { 'preload.cjs': preload } });
    const [stall] = told(finalSnapshot(run));
    assert.equal(run.stdout, 'true\n');
    assert.deepEqual([stall?.kind, stall?.api, stall?.confidence], ['sync-call', 'child_process.execSync', 'exact']);
  });

  it('take back what one saw that was answered during a pause', async () => {
    // On a busy machine the turn is old already when the first poll comes: what is left is what that one has told.
    const source = `
      const agent = globalThis[Symbol.for('async-lens.agent')];
      const poll = (more) => JSON.parse(agent.request(JSON.stringify({ request: 'poll', ...more }))).value.stall;
      const spin = (ms) => { for (const end = Date.now() + ms; Date.now() < end; ); };
      setTimeout(function held() {
        const told = poll({ paused: false });
        spin(200); poll({ paused: false });
        poll({ paused: true, heldBefore: true });
        console.log(JSON.stringify(['held', told?.durationMs ?? 0]));
      }, 50);
      setTimeout(function longAlready() {
        poll({ paused: false }); spin(200);
        const told = poll({ paused: false });
        spin(2000); poll({ paused: false });
        poll({ paused: true, heldBefore: true });
        console.log(JSON.stringify(['longAlready', told?.durationMs ?? 0]));
      }, 500);`;
    const run = await runWithAgent({ source });
    const printed = run.stdout.split('\n').filter(Boolean);
    const left = printed.map((line) => JSON.parse(line) as [string, number]).filter(([, ms]) => ms > 0);
    const stalls = finalSnapshot(run).stalls.filter(({ kind }) => kind !== 'startup');
    for (const [name, durationMs] of left) {
      const [own] = stalls.filter(({ stack }) => stack.some((frame) => frame.function === name));
      assert.ok(own !== undefined && own.durationMs > 0, JSON.stringify({ printed, stalls }));
      assert.ok(own.durationMs < durationMs + 1000, `${own.durationMs} ms after ${durationMs} ms`);
    }
    const names = left.map(([name]) => name);
    assert.ok(names.includes('longAlready'), JSON.stringify({ printed, stalls }));
    const others = stalls.filter(({ stack }) => stack.some((frame) => frame.file === run.file));
    assert.equal(others.length, names.length, JSON.stringify({ printed, stalls }));
  });

  it('do not take a pause in the debugger for a stall', async () => {
    const run = await runWithAgent({ source: polling(true) });
    assert.equal(run.stdout, 'none\n');
    assert.deepEqual(told(finalSnapshot(run)), []);
  });
});

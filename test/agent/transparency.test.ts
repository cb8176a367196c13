/** The program under the agent prints, fails and ends exactly as without it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { LOOP_PROGRAMS } from './fixtures/loop-programs.ts';
import { REACTIONS } from './fixtures/reactions.ts';
import { VM_PROGRAMS } from './fixtures/vm-programs.ts';
import { runWithAgent, type RunOptions, type RunResult } from '../support/run-node.ts';

const WORKER = `
  const { Worker, isMainThread, workerData, parentPort } = require('node:worker_threads');
  if (isMainThread) {
    const worker = new Worker(__filename, { workerData: 5 });
    worker.on('message', (m) => console.log('message', m));
    worker.on('exit', (code) => console.log('worker exit', code));
  } else {
    parentPort.postMessage([workerData, Object.keys(globalThis), process.argv.length]);
    process.exit(4);
  }`;

const FORK = `
  const { fork } = require('node:child_process');
  if (process.argv[2] === 'child') {
    process.send({ argv: process.argv.slice(2), execArgv: process.execArgv });
    process.disconnect();
  } else {
    const child = fork(__filename, ['child']);
    child.on('message', (m) => console.log(m));
    child.on('exit', (code, signal) => console.log(code, signal));
  }`;

const SYNC_APIS = `
  const fs = require('node:fs'), os = require('node:os'), path = require('node:path');
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lens-sync-'));
  const file = path.join(dir, 'a');
  fs.writeFileSync(file, 'text');
  fs.cpSync(dir, dir + '-copy', { recursive: true, filter: (from) => fs.existsSync(from) });
  console.log(fs.readFileSync(file, 'utf8'), fs.readdirSync(dir + '-copy'), fs.statSync(file).size, fs.existsSync(file + 'x'));
  console.log(fs.realpathSync.native(file) === fs.realpathSync(file));
  fs.rmSync(dir, { recursive: true }); fs.rmSync(dir + '-copy', { recursive: true });
  const { execFileSync, spawnSync } = require('node:child_process');
  console.log(String(execFileSync(process.execPath, ['-p', '6*7'])), spawnSync('sh', ['-c', 'exit 3']).status);
  try { execFileSync(process.execPath, ['-e', 'process.exit(9)']); } catch (error) { console.log(error.status, error.stack); }
  const zlib = require('node:zlib'), crypto = require('node:crypto');
  console.log(zlib.gunzipSync(zlib.gzipSync('zip')).toString(), crypto.pbkdf2Sync('a', 'b', 10, 8, 'sha256').toString('hex'));
  for (const each of [zlib, { unpack: zlib.gunzipSync, gunzipSync: zlib.gunzipSync }, { unpack: zlib.gunzipSync }]) {
    try { (each.unpack ?? each.gunzipSync).call(each, 'bad'); } catch (error) { console.log(error.stack); }
  }
  try { zlib.gunzipSync('bad'); } catch (error) { console.log(error.stack); }
  console.log(Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1));`;

/** Counts what is called through a `call` of its own. */
const OWN_CALL = `
  const original = Function.prototype.call;
  let calls = 0;
  Function.prototype.call = new Proxy(original, {
    apply(target, self, args) { calls++; return Reflect.apply(target, self, args); },
  });
  const during = (work) => { const before = calls; work(); return calls - before; };
  const { EventEmitter } = require('node:events');
  const log = () => console.log('a line');
  const counts = [log, log, () => clearTimeout(setTimeout(() => {}, 5)), () => new EventEmitter().on('a', () => {}).emit('a'),
    () => new AbortController().signal.addEventListener('abort', () => {}), () => clearInterval(setInterval(() => {}, 5)),
    () => require('node:fs').readFile(__filename, () => {}), () => require('node:fs').writeFileSync(1, Buffer.from('text'))].map(during);
  Function.prototype.call = original;
  console.log(counts.join());`;

const FUNCTIONS = `
  const fs = require('node:fs'), child = require('node:child_process');
  for (const f of [fs.readFileSync, fs.existsSync, fs.realpathSync, fs.realpathSync.native, child.execSync, Atomics.wait, require('zlib').gzipSync]) {
    console.log(f.name, f.length, typeof f, f instanceof Function, Object.getOwnPropertyNames(f));
    console.log(f.toString(), String(f) === f.toString(), f + '' === f.toString());
  }
  console.log(Object.getOwnPropertyDescriptor(fs, 'readFileSync').enumerable, Object.keys(fs), Object.keys(child));
  console.log(new fs.readFileSync.constructor('return 1')());
  const own = { read: fs.readFileSync };
  try { own.read('/nonexistent/own'); } catch (error) { console.log(error.stack); }
  try { new (class Reader { read = fs.readFileSync; })().read('/nonexistent/class'); } catch (error) { console.log(error.stack); }
  try { fs.readFileSync.call(null, '/nonexistent/null'); } catch (error) { console.log(error.stack); }
  try { fs.readFileSync({}); } catch (error) { console.log(error.stack); }`;

/** Functions whose arguments are seen, failing in every way they can. */
const ASYNC_APIS = `
  const fs = require('node:fs'), http = require('node:http'), https = require('node:https'), net = require('node:net'), util = require('node:util');
  const events = require('node:events'), readline = require('node:readline'), timers = require('node:timers/promises');
  const streams = require('node:stream/promises'), { Readable, PassThrough } = require('node:stream');
  const functions = [events.once, events.on, streams.pipeline, streams.finished, fs.readFile, fs.open, fs.promises.readFile, fs.createReadStream, http.get,
    https.request, http.createServer, net.Socket.prototype.connect, AbortSignal.timeout, AbortSignal.any, readline.createInterface, timers.setInterval,
    Readable.prototype[Symbol.asyncIterator], require('node:readline/promises').Interface.prototype.question];
  for (const f of functions) console.log(f.name, f.length, typeof f, Object.getOwnPropertyNames(f), f.toString(), Object.getPrototypeOf(f).constructor.name);
  for (const owner of [events, fs, fs.promises, http, net, timers, streams]) console.log(Object.keys(owner));
  console.log(Object.getOwnPropertyNames(AbortSignal), Object.getOwnPropertyNames(Readable.prototype));
  const failing = [() => fs.readFile('x'), () => fs.open(5, () => {}), () => http.get('no url'), () => https.request({ port: 99999999 }), () => AbortSignal.timeout(-1),
    () => AbortSignal.any(5), () => new net.Socket().connect({ port: 99999999 }), () => net.connect(99999999), () => http.createServer(5), () => events.on(5, 'x'),
    () => fs.createReadStream(5), () => readline.createInterface(), () => net.connect.call(null, { port: -1 })];
  for (const f of failing) try { console.log(typeof f()); } catch (error) { console.log(error.stack); }
  class Own extends net.Socket { connect(...args) { return super.connect(...args); } }
  try { new Own().connect({ port: 99999999 }); } catch (error) { console.log(error.stack); }
  const rejecting = {
    once: () => events.once(new events.EventEmitter(), 'x', { signal: AbortSignal.abort() }),
    emitted: () => { const e = new events.EventEmitter(); setTimeout(() => e.emit('error', new Error('emitted')), 1); return events.once(e, 'x'); },
    wrong: () => events.once(5, 'x'),
    pipeline: () => streams.pipeline(new Readable({ read() { this.destroy(new Error('read')); } }), new PassThrough()),
    bad: () => streams.pipeline(5), finished: () => streams.finished(5), read: () => fs.promises.readFile('/nonexistent/a'), invalid: () => fs.promises.readFile({}),
    promisified: () => util.promisify(fs.readFile)('/nonexistent/b'), opened: () => fs.promises.open('/nonexistent/c'),
    async iterated() { for await (const _ of new Readable({ read() { this.destroy(new Error('iterated')); } })) _; },
    async thrown() { for await (const x of Readable.from([1])) throw new Error('in loop'); },
    async reading() { for await (const _ of new Readable({ read() { throw new Error('in read'); } })) _; },
    async ticks() { for await (const _ of timers.setInterval(1)) throw new Error('tick'); },
    async file() { for await (const _ of fs.createReadStream('/nonexistent/d')) _; },
    async fetched() { await fetch('http://127.0.0.1:1/').catch((error) => { throw error.cause; }); }, async wrongUrl() { await fetch('no url'); },
  };
  (async () => {
    for (const [name, f] of Object.entries(rejecting)) await Promise.resolve().then(f).catch((error) => console.log(name, error.stack));
    const stream = Readable.from(['a', 'b']), iterator = stream[Symbol.asyncIterator]();
    console.log(Object.keys(iterator), Object.prototype.toString.call(iterator), await iterator.next(), await iterator.return());
    console.log(Object.keys(events.on(new events.EventEmitter(), 'x')));
  })();`;

/** Methods of web streams and emitters: as values, when they fail, and what stands on the stacks beneath them. */
const STREAM_APIS = `
  const { EventEmitter } = require('node:events'), web = require('node:stream/web'), timers = require('node:timers/promises');
  const streams = { ...web.ReadableStream.prototype, ...web.WritableStream.prototype, on: EventEmitter.prototype.on, sleep: timers.setTimeout };
  for (const [key, f] of Object.entries(streams)) if (typeof f === 'function') console.log(key, f.name, f.length, f.toString(), Object.getOwnPropertyNames(f));
  for (const { prototype } of [web.ReadableStream, web.WritableStream, web.TransformStream, Response, EventEmitter]) {
    const all = Object.entries(Object.getOwnPropertyDescriptors(prototype));
    console.log(all.map(([key, { enumerable, writable, configurable, get }]) => [key, enumerable, writable, configurable, get?.name]).join());
  }
  console.log(web.ReadableStream.prototype.values === web.ReadableStream.prototype[Symbol.asyncIterator], EventEmitter.prototype.on === EventEmitter.prototype.addListener);
  class Bus extends EventEmitter { on(...args) { return super.on(...args); } }
  const locked = new ReadableStream(); locked.getReader();
  const failing = [() => locked.getReader(), () => locked.values(), () => new ReadableStream().getReader({ mode: 'byob' }), () => new WritableStream().getWriter.call({}),
    () => locked.pipeThrough(new TransformStream()), () => Object.getOwnPropertyDescriptor(TransformStream.prototype, 'readable').get.call({}), () => new Response('x').body.getReader(5),
    () => new EventEmitter().on('x', 5), () => new EventEmitter().once('x'), () => new Bus().on('x', 5), () => EventEmitter.prototype.on.call({}, 'x', 5), () => process.on('x', 5)];
  const attempt = (f) => { try { console.log(typeof f()); } catch (error) { console.log(error.stack); } };
  failing.forEach(attempt);
  new Promise(() => {
    const emitter = new EventEmitter().on('newListener', function heard(event) { console.log(event, new Error('heard').stack); });
    emitter.on('a', () => {}); emitter.once('b', () => {}); failing.forEach(attempt);
  });
  const rejecting = [() => locked.pipeTo(new WritableStream()), () => locked.pipeTo(5), () => new ReadableStream({ pull() { throw new Error('pulled'); } }).getReader().read(),
    async () => { for await (const _ of new ReadableStream({ start(c) { c.enqueue(1); } })) throw new Error('in loop'); }, () => timers.setTimeout(1, 0, { signal: AbortSignal.abort() }),
    () => timers.setTimeout(1, 0, { signal: 5 }), () => new WritableStream({ write() { throw new Error('written'); } }).getWriter().write(1)];
  (async () => { for (const f of rejecting) await Promise.resolve().then(f).catch((error) => console.log(error.stack)); console.log(await new Response(new Blob(['x']).stream()).text()); })();`;

/** The functions that only large input makes slow. */
const LARGE_INPUT = `
  const crypto = require('node:crypto');
  const show = (work) => { try { console.log(work()); } catch (error) { console.log(error.stack.replace(/node:.*/g, '')); } };
  for (const f of [JSON.parse, JSON.stringify, crypto.Hash.prototype.update, crypto.Hmac.prototype.update]) {
    console.log(f.name, f.length, String(f), Object.getOwnPropertyNames(f), typeof f, 'prototype' in f);
  }
  console.log(JSON, Object.getOwnPropertyDescriptors(JSON).parse.enumerable, JSON[Symbol.toStringTag], JSON.parse === JSON.parse);
  console.log(Object.getOwnPropertyNames(crypto.Hash.prototype), Object.keys(crypto.createHash('md5')));
  show(() => JSON.parse('{'));
  show(() => JSON.parse('{"a": [1, 2]}', function (key, value) { if (key === '1') throw new Error('reviver'); return value; }));
  show(() => JSON.parse('{"a": [1, 2]}', (key, value) => (key === 'a' ? JSON.stringify(value) : value)).a);
  show(() => { const ring = {}; ring.ring = ring; return JSON.stringify(ring); });
  show(() => JSON.stringify({ toJSON() { throw new Error('toJSON'); } }));
  show(() => JSON.stringify({ a: [1, { b: 2 }], c: undefined }, null, 2));
  show(() => JSON.stringify(undefined));
  show(() => Reflect.apply(JSON.parse, null, ['[1]']));
  show(() => new JSON.parse('1'));
  show(() => ['1', '2'].map(JSON.parse));
  show(() => crypto.createHash('sha1').update('a').update(Buffer.from('b')).digest('hex'));
  show(() => crypto.createHash('sha1').update(5));
  show(() => crypto.createHmac('sha1', 'key').update('a').digest('hex'));
  show(() => { const done = crypto.createHash('sha1'); done.digest(); done.update('a'); });
  show(() => crypto.Hash.prototype.update.call({}, 'a'));
`;

const cases: Record<string, RunOptions> = {
  ...REACTIONS,
  ...LOOP_PROGRAMS,
  ...VM_PROGRAMS,
  'a throwing readFileSync, caught': {
    source: `const fs = require('node:fs');
      function load(file) { try { return fs.readFileSync(file); } catch (error) { console.log(error.stack); Error.stackTraceLimit = 2; } }
      load('/nonexistent/a'); load('/nonexistent/b'); console.log(Error.stackTraceLimit);`,
  },
  'a throwing readFileSync, uncaught': { source: `require('node:fs').readFileSync('/nonexistent/file');` },
  'a throwing readFileSync of an ES module, uncaught': {
    esm: true,
    source: `import { readFileSync } from 'node:fs'; import * as fs from 'fs'; import all from 'fs';
      console.log(readFileSync === fs.readFileSync, all.readFileSync === readFileSync);
      fs.readFileSync('/nonexistent/file');`,
  },
  'a throwing gunzipSync of an ES module, uncaught': {
    esm: true,
    source: `import * as zlib from 'zlib'; zlib.gunzipSync('bad');`,
  },
  'an uncaught error in a timer': { source: `setTimeout(function late() { throw new TypeError('boom'); }, 5);` },
  'an uncaught error in a callback': {
    source: `require('node:fs').readFile(__filename, function read() { throw new Error('boom'); });`,
  },
  'an unhandled rejection': { source: `async function work() { await null; throw new Error('lost'); } work();` },
  'a custom prepareStackTrace': {
    source: `Error.prepareStackTrace = (error, sites) => sites.map((site) => site.getFunctionName() + ':' + site.getLineNumber()).join();
      function outer() { return new Error('x').stack; } console.log(outer());
      try { require('node:fs').readFileSync('/nonexistent/x'); } catch (error) { console.log(error.stack); }`,
  },
  'messages of the program on channels of Node and undici': {
    source: `const { channel } = require('node:diagnostics_channel');
      for (const message of [undefined, null, {}, { request: null }]) {
        channel('undici:request:create').publish(message);
        channel('http.client.request.start').publish(message);
      }
      setTimeout(() => console.log('alive'), 5);`,
  },
  'process.exit in nested callbacks': {
    source: `process.on('exit', (code) => console.log('bye', code));
      setTimeout(() => require('node:fs').readFile(__filename, () => setImmediate(() => process.exit(3))), 1);`,
  },
  'process.exitCode': { source: `process.exitCode = 7; console.log('end');` },
  'an exit listener that changes the code': { source: `process.on('exit', () => { process.exitCode = 5; });` },
  'an unsettled top-level await': { esm: true, source: `console.log('waiting'); await new Promise(() => {});` },
  'console.log of promises and handles': {
    source: `const p = new Promise(() => {}); console.log(p, Promise.resolve({ a: 1 }), Object.getOwnPropertySymbols(p), Reflect.ownKeys(p));
      (async () => { const q = (async () => { await null; return 5; })(); await q; console.log(q); })();`,
  },
  globals: {
    source: `console.log(Object.keys(globalThis), process.argv.slice(2), process.execArgv, Object.keys(process.env).filter((k) => k.includes('WATCH')));
      console.log(process.listenerCount('uncaughtException'), process.listenerCount('beforeExit'), Error.stackTraceLimit);
      console.log(process.getActiveResourcesInfo(), typeof require.main, require.cache[__filename] === module, Object.keys(require.cache).length > 0);`,
    args: ['--flag', 'x y'],
  },
  'sync functions as values': { source: FUNCTIONS },
  'sync functions at work': { source: SYNC_APIS },
  'functions that only large input makes slow': { source: LARGE_INPUT },
  'async functions as values and when they fail': { source: ASYNC_APIS },
  'web streams and emitters as values and when they fail': { source: STREAM_APIS },
  'a worker thread': { source: WORKER },
  'a forked child': { source: FORK },
  'file descriptors keep their numbers': {
    source: `const fs = require('node:fs'); const fd = fs.openSync(__filename); console.log(fd < 40); fs.closeSync(fd);`,
  },
  'coverage is written at the end': {
    source: `console.log('covered');`,
    env: { NODE_V8_COVERAGE: 'coverage' },
  },
  'death by a signal': {
    source: `console.log('ready'); setInterval(() => {}, 1000);`,
    onOutput: (text, kill) => {
      if (text.includes('ready')) kill('SIGTERM');
    },
  },
  'a handled signal': {
    source: `process.on('SIGTERM', () => { console.log('stopping'); process.exit(0); }); console.log('ready'); setInterval(() => {}, 1000);`,
    onOutput: (text, kill) => {
      if (text.endsWith('ready\n')) kill('SIGTERM');
    },
  },
};

/** Only what two runs without the agent differ in, too: the temporary folder. */
function visible({ stdout, stderr, code, signal, file }: RunResult): object {
  const neutral = (text: string): string => text.replaceAll(path.dirname(file), '<folder>');
  return { stdout: neutral(stdout), stderr: neutral(stderr), code, signal };
}

describe('a program under the agent', function () {
  this.timeout(120_000);

  for (const [name, options] of Object.entries(cases)) {
    it(`is the same as without it: ${name}`, async () => {
      const bare = await runWithAgent({ ...options, agent: false });
      const traced = await runWithAgent(options);
      assert.deepEqual(visible(traced), visible(bare));
      assert.ok(
        traced.events.some(({ event }) => event === 'hello'),
        'the agent was there',
      );
      assert.deepEqual(
        traced.events.filter(({ event }) => event === 'fault'),
        [],
      );
    });

    it(`is the same under the watchdog: ${name}`, async () => {
      const bare = await runWithAgent({ ...options, agent: false });
      const watched = await runWithAgent({ ...options, watch: { durationMs: null } });
      assert.deepEqual(visible(watched), visible(bare));
    });
  }

  it('calls nothing more through a Function.prototype.call of its own', async () => {
    const bare = await runWithAgent({ source: OWN_CALL, agent: false });
    assert.deepEqual(visible(await runWithAgent({ source: OWN_CALL })), visible(bare));
  });
});

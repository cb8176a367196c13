/** An ES module with a task for each way to wait, every one of which something can still settle; a task's name says what it waits for. */
export const SETTLEABLE = `import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import readline from 'node:readline/promises';
import { execFile, spawn } from 'node:child_process';
import { EventEmitter, on, once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import timers from 'node:timers/promises';
import { promisify } from 'node:util';
import { MessageChannel, Worker } from 'node:worker_threads';

const server = http.createServer(() => {}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
const kept = (globalThis.kept = []);
const keep = (value) => (kept.push(value), value);
const sleeper = [process.execPath, ['-e', 'process.stdin.resume()']];
const open = () => new Promise((resolve) => kept.push(resolve));

const waits = {
  async fetched() { await fetch('http://127.0.0.1:' + port); },
  async httpGet() { await new Promise((resolve, reject) => http.get('http://127.0.0.1:' + port, resolve).on('error', reject)); },
  async socketData() { await once(net.connect(port, '127.0.0.1'), 'data'); },
  async childExit() { await once(keep(spawn(...sleeper)), 'exit'); },
  async promisified() { const run = promisify(execFile)(...sleeper); keep(run.child); await run; },
  async workerMessage() { await once(new Worker('setInterval(() => {}, 1000)', { eval: true }), 'message'); },
  async portMessage() { const { port1, port2 } = new MessageChannel(); keep(port2); await new Promise((resolve) => port1.on('message', resolve)); },
  async question() { await keep(readline.createInterface({ input: new PassThrough() })).question('?'); },
  async lines() { for await (const line of readline.createInterface({ input: keep(new PassThrough()) })) keep(line); },
  async piped() { await pipeline(keep(new PassThrough()), new PassThrough().resume()); },
  async chunks() { for await (const chunk of keep(new PassThrough())) keep(chunk); },
  async drain() { const stream = keep(new PassThrough({ highWaterMark: 1 })); stream.write('xx'); await once(stream, 'drain'); },
  async slept() { await timers.setTimeout(600000); },
  async ticks() { for await (const tick of timers.setInterval(600000)) keep(tick); },
  async events() { for await (const event of on(keep(new EventEmitter()), 'a')) keep(event); },
  async abort() { await once(AbortSignal.timeout(600000), 'abort'); },
  async target() { await once(keep(new EventTarget()), 'x'); },
  async signal() { await once(process, 'SIGUSR2'); },
  async race() { await Promise.race([new Promise(() => {}), open()]); },
  async any() { await Promise.any([new Promise(() => {}), open()]); },
  async allSettled() { await Promise.allSettled([1, open()]); },
  async lastly() { await open().finally(() => 1); },
  async thenable() { await { then: keep }; },
  async subclass() { class Own extends Promise {} await new Own(keep).then((x) => x); },
  async lockedIn() { await new Promise((resolve) => resolve(open())); },
  async returned() { return await (async () => open())(); },
  async generator() { async function* all() { yield await open(); } for await (const x of all()) keep(x); },
  async delegated() { async function* inside() { await open(); yield 1; } async function* all() { yield* inside(); } for await (const x of all()) keep(x); },
  async bound() { await new Promise((resolve) => keep(resolve.bind(null, 5))); },
  async inSet() { const all = keep(new Set()); await new Promise((resolve) => all.add(resolve)); },
  async inWeakMap() { const key = keep({}); globalThis.weak = new WeakMap(); await new Promise((resolve) => weak.set(key, resolve)); },
  async bySymbol() { const holder = keep({}); await new Promise((resolve) => (holder[Symbol('q')] = resolve)); },
  async byPrivate() { class Holder { #r; constructor(r) { this.#r = r; } } await new Promise((resolve) => keep(new Holder(resolve))); },
  async byProxy() { const holder = keep(new Proxy({}, {})); await new Promise((resolve) => (holder.r = resolve)); },
  async webStream() { await new ReadableStream({ start: keep }).getReader().read(); },
  async webPipe() { await new ReadableStream({ start: keep }).pipeTo(new WritableStream()); },
  async atomics() { await Atomics.waitAsync(keep(new Int32Array(new SharedArrayBuffer(8))), 0, 0).value; },
  async watched() { for await (const change of fs.promises.watch('.')) keep(change); },
  async imported() { await import('data:text/javascript,await new Promise((resolve) => kept.push(resolve))'); },
};
for (const name of Object.keys(waits)) void waits[name]();
await new Promise((resolve) => (globalThis.topLevel = resolve));
`;

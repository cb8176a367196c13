import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { WaitFacts } from '../../src/protocol/agent.ts';
import { durationText, waitDetail } from '../../src/model/wording.ts';

describe('durations in words', () => {
  const examples: [number, string][] = [
    [0, '0 ms'],
    [0.3, '<1 ms'],
    [340.4, '340 ms'],
    [999.6, '1.0 s'],
    [4210, '4.2 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [12_300, '12 s'],
    [59_600, '1 min'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h'],
    [3_780_000, '1 h 3 min'],
    [-5, '0 ms'],
    [Number.NaN, 'unknown time'],
  ];
  for (const [ms, text] of examples) it(`${ms} ms: ${text}`, () => assert.equal(durationText(ms), text));

  it('never says 60 s or 60 min', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (ms) => !/\b(60 s|60 min|1000 ms)\b/.test(durationText(ms)),
      ),
    );
  });
});

describe('waits in words', () => {
  const io = { bytesRead: 0, bytesWritten: 0 };
  const examples: [WaitFacts, string][] = [
    [{ kind: 'timer', api: 'setTimeout', delayMs: 5000, leftMs: 3200.4 }, 'setTimeout 5000 ms, 3200 ms left'],
    [{ kind: 'timer', api: 'setTimeout', delayMs: 5, leftMs: -20 }, 'setTimeout 5 ms, 20 ms overdue'],
    [{ kind: 'timer', api: 'setInterval', delayMs: 1000, leftMs: 200 }, 'setInterval 1000 ms'],
    [{ kind: 'socket', state: 'open', remote: '127.0.0.1:5432', ...io }, 'socket 127.0.0.1:5432, waiting for data'],
    [{ kind: 'socket', state: 'open', remote: 'db:5432', tls: true, ...io }, 'TLS socket db:5432, waiting for data'],
    [{ kind: 'socket', state: 'connecting', remote: '127.0.0.1:5432', ...io }, 'connecting to 127.0.0.1:5432'],
    [{ kind: 'socket', state: 'connecting', ...io }, 'connecting to a peer'],
    [{ kind: 'socket', state: 'closing', remote: '[::1]:80', ...io }, 'socket [::1]:80, waiting for it to close'],
    [{ kind: 'server', address: '127.0.0.1:3000', connections: 1 }, 'server on 127.0.0.1:3000, 1 connection'],
    [{ kind: 'server' }, 'server'],
    [{ kind: 'fs', operation: 'open', path: '/etc/passwd' }, 'fs.open /etc/passwd'],
    [{ kind: 'fs' }, 'fs.request'],
    [{ kind: 'dns', host: 'example.org' }, 'dns example.org'],
    [{ kind: 'dns' }, 'dns look-up'],
    [{ kind: 'http', method: 'GET', url: 'http://a/x', phase: 'headers' }, 'HTTP GET http://a/x, waiting for headers'],
    [{ kind: 'http' }, 'HTTP'],
    [{ kind: 'child-process', pid: 1234, command: 'ls -l' }, 'child process 1234 (ls -l)'],
    [{ kind: 'worker', threadId: 3 }, 'worker 3'],
    [{ kind: 'worker', port: true }, 'message port'],
    [{ kind: 'stream', class: 'ReadStream', direction: 'readable' }, 'ReadStream, waiting to read'],
    [
      { kind: 'stream', direction: 'writable', buffered: 9, highWaterMark: 8 },
      'stream, waiting to write, 9 of 8 buffered',
    ],
    [{ kind: 'event', event: 'open', emitter: 'ReadStream' }, "event 'open' of ReadStream"],
    [{ kind: 'event', emitter: 'Server' }, 'an event of Server'],
    [{ kind: 'lock', holder: 7 }, 'lock held by task 7'],
    [{ kind: 'immediate' }, 'setImmediate'],
    [{ kind: 'promise' }, 'a promise that other code must settle'],
    [{ kind: 'unknown', type: 'PIPEWRAP' }, 'PIPEWRAP'],
    [{ kind: 'unknown' }, 'something unknown'],
  ];
  for (const [facts, text] of examples) it(text, () => assert.equal(waitDetail(facts), text));
});

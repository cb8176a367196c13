import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { WaitFacts } from '../../src/protocol/agent.ts';
import type { StreamState } from '../../src/protocol/waits.ts';
import { durationText, waitDetail } from '../../src/model/wording/wording.ts';

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
    [
      { kind: 'socket', state: 'ended', remote: 'a:1', unsent: 1536, ...io },
      'socket a:1, ended on this side, 1.5 KiB not taken yet',
    ],
    [
      { kind: 'socket', state: 'open', remote: 'a:1', unsent: 1536, unread: 512, ...io },
      'socket a:1, 1.5 KiB not taken yet, 512 B not read yet',
    ],
    [{ kind: 'socket', state: 'open', remote: 'a:1', unread: 0, ...io }, 'socket a:1, paused'],
    [{ kind: 'socket', state: 'closed', remote: 'a:1', unread: 7, ...io }, 'socket a:1, closed'],
    [{ kind: 'server', address: '127.0.0.1:3000', connections: 1 }, 'server on 127.0.0.1:3000, 1 connection'],
    [{ kind: 'server' }, 'server'],
    [{ kind: 'fs', operation: 'open', path: '/etc/passwd' }, 'fs.open /etc/passwd'],
    [{ kind: 'fs' }, 'fs.request'],
    [{ kind: 'dns', host: 'example.org' }, 'dns example.org'],
    [{ kind: 'dns' }, 'dns look-up'],
    [{ kind: 'http', method: 'GET', url: 'http://a/x', phase: 'headers' }, 'GET http://a/x, waiting for headers'],
    [{ kind: 'http' }, 'HTTP'],
    [{ kind: 'timer', api: 'setTimeout', delayMs: 30_000, leftMs: 4000 }, 'setTimeout 30 s, 4 s left'],
    [
      { kind: 'timer', api: 'setInterval', delayMs: 1000, leftMs: 200, unref: true },
      'setInterval 1000 ms (not keeping the process alive)',
    ],
    [
      { kind: 'timer', api: 'setInterval', delayMs: 1000, leftMs: 250, lateMs: 340 },
      'setInterval 1000 ms, last tick 340 ms late',
    ],
    [{ kind: 'timer', api: 'setInterval', delayMs: 1000, leftMs: 250, lateMs: 2 }, 'setInterval 1000 ms'],
    [{ kind: 'timer', api: 'setInterval', delayMs: 1000, leftMs: -250 }, 'setInterval 1000 ms, 250 ms overdue'],
    [
      { kind: 'socket', state: 'open', remote: 'db:5432', idleMs: 12_000, ...io },
      'socket db:5432, waiting for data, idle 12 s',
    ],
    [
      { kind: 'socket', state: 'open', remote: 'db:5432', unsent: 65_536, ...io },
      'socket db:5432, 64 KiB not taken yet',
    ],
    [{ kind: 'socket', state: 'connecting', phase: 'dns', remote: 'db:5432', ...io }, 'looking up db:5432'],
    [{ kind: 'socket', state: 'connecting', phase: 'tls', remote: 'db:5432', ...io }, 'TLS handshake with db:5432'],
    [
      { kind: 'socket', state: 'open', family: 'udp', local: '0.0.0.0:53', ...io },
      'UDP socket 0.0.0.0:53, waiting for data',
    ],
    [
      { kind: 'socket', state: 'open', family: 'pipe', output: 'stdout of child process 12 (cat)', ...io },
      'stdout of child process 12 (cat), waiting for data',
    ],
    [{ kind: 'socket', state: 'open', family: 'pipe', remote: '/tmp/x', ...io }, 'pipe /tmp/x, waiting for data'],
    [{ kind: 'socket', state: 'open', family: 'tty', ...io }, 'terminal, waiting for data'],
    [{ kind: 'server', state: 'closing', connections: 2 }, 'server, waiting for 2 connections to end'],
    [{ kind: 'dns', host: 'example.org', api: 'resolve4' }, 'dns.resolve4 example.org'],
    [
      { kind: 'http', method: 'GET', url: 'https://a/x', status: 200, phase: 'body' },
      'GET https://a/x, status 200, waiting for the body',
    ],
    [{ kind: 'http', url: 'https://a/x', phase: 'body' }, 'https://a/x, waiting for the body'],
    [
      { kind: 'http', method: 'GET', url: 'https://a/x', phase: 'socket' },
      'GET https://a/x, waiting for a free connection',
    ],
    [{ kind: 'http', method: 'GET', url: 'https://a/x', phase: 'dns' }, 'GET https://a/x, looking up the host'],
    [{ kind: 'http', method: 'POST', url: '/x', server: true, phase: 'body' }, 'request POST /x, waiting for the body'],
    [
      { kind: 'child-process', pid: 12, command: 'ls', phase: 'exit', unread: ['stdout', 'stderr'] },
      'child process 12 (ls), waiting for its exit, nobody reads its stdout and stderr',
    ],
    [{ kind: 'child-process', pid: 12, phase: 'output' }, 'child process 12, ended, waiting for the end of its output'],
    [{ kind: 'event', api: 'once', event: 'open', emitter: 'Bus' }, "once(Bus, 'open')"],
    [{ kind: 'event', api: 'once', event: 'open', emitter: 'Bus', abort: {} }, "once(Bus, 'open')"],
    [
      { kind: 'event', api: 'on', event: 'tick', emitter: 'Bus', abort: { leftMs: 4000 } },
      "on(Bus, 'tick'), times out in 4.0 s",
    ],
    [{ kind: 'event', api: 'question', event: 'Name? ', emitter: 'Interface' }, "question 'Name? '"],
    [
      {
        kind: 'event',
        api: 'once',
        event: 'drain',
        emitter: 'Socket',
        subject: { kind: 'socket', state: 'open', remote: 'a:1', unsent: 1536, ...io },
      },
      "once(Socket, 'drain'): socket a:1, 1.5 KiB not taken yet",
    ],
    [{ kind: 'child-process', pid: 1234, command: 'ls -l' }, 'child process 1234 (ls -l)'],
    [{ kind: 'worker', threadId: 3 }, 'worker 3'],
    [{ kind: 'worker', port: true }, 'message port'],
    [{ kind: 'thread-pool', api: 'crypto.pbkdf2' }, 'crypto.pbkdf2'],
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

describe('streams in words', () => {
  const full = { buffered: 16_384, highWaterMark: 16_384 };
  const empty = { buffered: 0, highWaterMark: 16_384 };
  const source = (side: object = empty): StreamState => ({
    class: 'Source',
    readable: { ...empty, flowing: true, ...side },
  });
  const sink = (side: object = empty): StreamState => ({ class: 'Sink', writable: { ...empty, ...side } });
  const zip = (readable: object, writable: object): StreamState => ({
    class: 'Gzip',
    readable: { ...empty, flowing: false, ...readable },
    writable: { ...empty, ...writable },
  });
  const examples: [string, StreamState[], string][] = [
    [
      'the last of those that are full is to blame',
      [source(full), zip(full, full), sink(full)],
      'pipeline Source → Gzip → Sink: Gzip is full (16 KiB of 16 KiB), Sink does not drain (16 KiB of 16 KiB)',
    ],
    [
      'a full one that the next does not take from',
      [source(), zip(full, empty), sink()],
      'pipeline Source → Gzip → Sink: Gzip is full (16 KiB of 16 KiB), Sink does not take it',
    ],
    [
      'nobody reads the last',
      [source(), zip(full, full)],
      'pipeline Source → Gzip: Gzip is full (16 KiB of 16 KiB), nobody reads it',
    ],
    [
      'the first that is not at its end gives nothing',
      [source(), sink()],
      'pipeline Source → Sink: Source gives nothing',
    ],
    [
      'one in the middle that keeps everything back',
      [source({ ended: true }), { ...zip({}, {}), class: 'Filter' }, sink()],
      'pipeline Source → Filter → Sink: Filter gives nothing',
    ],
    [
      'at the end of all data',
      [source({ ended: true }), sink({ ended: true })],
      'pipeline Source → Sink: Sink does not finish',
    ],
    [
      'objects are counted',
      [source({ buffered: 16, highWaterMark: 16, objects: true }), sink()],
      'pipeline Source → Sink: Source is full (16 of 16 objects), Sink does not take it',
    ],
  ];
  for (const [what, streams, text] of examples) {
    it(what, () => assert.equal(waitDetail({ kind: 'stream', direction: 'pipeline', streams }), text));
  }

  it('says why an end does not come', () => {
    const waitsFor = (event: string, side: object): string => {
      const subject: WaitFacts = { kind: 'stream', streams: [source(side)] };
      return waitDetail({ kind: 'event', event, emitter: 'Source', subject });
    };
    const unread = { flowing: false };
    assert.equal(
      waitsFor("end' or 'error", unread),
      "event 'end' or 'error' of Source: Source, nobody reads it (0 B of 16 KiB)",
    );
    assert.equal(waitsFor('end', {}), "event 'end' of Source");
    assert.equal(waitsFor('readable', unread), "event 'readable' of Source");
  });

  it('names the first of many events', () => {
    const event = ['response', 'error', 'retry', 'request', 'redirect'].join("' or '");
    const told = "event 'response' or 'error' or 'retry' or 2 others of Request";
    assert.equal(waitDetail({ kind: 'event', event, emitter: 'Request' }), told);
  });

  it('names the file of a stream', () => {
    const streams = [{ ...source(), class: 'ReadStream', path: '/a' }];
    assert.equal(waitDetail({ kind: 'stream', direction: 'readable', streams }), 'ReadStream /a, waiting to read');
  });
});

/** Waits, ages and combinators in words: short, precise, the same in tree, report and messages. */
import type { Combinator, WaitFacts } from '../protocol/agent.ts';
import { lockDetail, requestDetail } from './wording-locks.ts';

type FactsOf<K extends WaitFacts['kind']> = Extract<WaitFacts, { kind: K }>;

/** An age or duration in words: "340 ms", "4.2 s", "12 s", "2 min 5 s", "1 h 3 min". */
export function durationText(ms: number): string {
  if (!Number.isFinite(ms)) return 'unknown time';
  const value = Math.max(0, ms);
  if (value > 0 && value < 1) return '<1 ms';
  if (value < 999.5) return `${Math.round(value)} ms`;
  if (value < 9950) return `${(Math.round(value / 100) / 10).toFixed(1)} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What a task waits for, in words: "setTimeout 5000 ms, 3200 ms left". */
export function waitDetail(facts: WaitFacts): string {
  switch (facts.kind) {
    case 'timer':
      return timer(facts);
    case 'socket':
      return requestDetail(facts) ?? socket(facts);
    case 'server':
      return server(facts);
    case 'fs':
      return words(`fs.${facts.operation ?? 'request'}`, facts.path);
    case 'dns':
      return words('dns', facts.host ?? 'look-up');
    case 'http':
      return http(facts);
    case 'child-process':
      return words('child process', text(facts.pid), facts.command === undefined ? undefined : `(${facts.command})`);
    case 'worker':
      return facts.port === true ? 'message port' : words('worker', text(facts.threadId));
    case 'stream':
      return stream(facts);
    case 'event':
      return event(facts);
    case 'lock':
      return lockDetail(facts, durationText);
    case 'immediate':
      return 'setImmediate';
    case 'promise':
      return 'a promise that other code must settle';
    case 'unknown':
      return facts.type ?? 'something unknown';
  }
}

/** The name of a combinator: "Promise.all". */
export function combinatorName(combinator: Combinator | undefined): string {
  return combinator === undefined ? 'Promise combinator' : `Promise.${combinator}`;
}

/** "1 task", "3 tasks"; `plural` for words that don't take an s. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Joins the known parts of a description by middle dots. */
export function dotted(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

function timer({ api, delayMs, leftMs }: FactsOf<'timer'>): string {
  const name = `${api} ${round(delayMs)} ms`;
  if (api === 'setInterval') return name;
  return leftMs < -0.5 ? `${name}, ${round(-leftMs)} ms overdue` : `${name}, ${round(leftMs)} ms left`;
}

function socket({ state, local, remote, tls }: FactsOf<'socket'>): string {
  const name = tls === true ? 'TLS socket' : 'socket';
  const peer = remote ?? local;
  if (state === 'connecting') return words('connecting to', peer ?? 'a peer', tls === true ? '(TLS)' : undefined);
  return `${words(name, peer)}, ${state === 'closing' ? 'waiting for it to close' : 'waiting for data'}`;
}

function server({ address, connections }: FactsOf<'server'>): string {
  const name = address === undefined ? 'server' : `server on ${address}`;
  return connections === undefined ? name : `${name}, ${countOf(connections, 'connection')}`;
}

function http({ method, url, phase }: FactsOf<'http'>): string {
  const name = words('HTTP', method, url);
  return phase === undefined ? name : `${name}, waiting for ${phase.replace(/^waiting for /, '')}`;
}

function stream({ class: name, direction, buffered, highWaterMark }: FactsOf<'stream'>): string {
  if (direction === 'pipeline') return words(name, 'stream pipeline');
  const purpose = direction === undefined ? '' : `, waiting to ${DIRECTIONS[direction] ?? direction}`;
  const fill =
    buffered === undefined ? '' : `, ${buffered}${highWaterMark === undefined ? '' : ` of ${highWaterMark}`} buffered`;
  return `${name ?? 'stream'}${purpose}${fill}`;
}

const DIRECTIONS: Partial<Record<string, string>> = { readable: 'read', writable: 'write' };

function event({ event: name, emitter }: FactsOf<'event'>): string {
  const of = emitter === undefined ? '' : ` of ${emitter}`;
  return name === undefined ? `an event${of}` : `event '${name}'${of}`;
}

function words(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function round(ms: number): number {
  return Math.round(ms);
}

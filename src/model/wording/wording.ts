/** Waits, ages and combinators in words: short, precise, the same in tree, report and messages. */
import type { Combinator, WaitFacts } from '../../protocol/agent.ts';
import { clauses, delayText, durationText, words } from './amounts.ts';
import { httpText, processText, serverText, socketText } from './wording-io.ts';
import { lockDetail, requestDetail } from './wording-locks.ts';
import { streamEventText, streamText } from './wording-streams.ts';
import { webStreamText } from './wording-web-streams.ts';

export { countOf, durationText } from './amounts.ts';
export { httpText } from './wording-io.ts';

type FactsOf<K extends WaitFacts['kind']> = Extract<WaitFacts, { kind: K }>;

/** What a task waits for, in words: "setTimeout 5000 ms, 3200 ms left". */
export function waitDetail(facts: WaitFacts): string {
  return clauses(subjectText(facts), abortText(facts));
}

function subjectText(facts: WaitFacts): string {
  switch (facts.kind) {
    case 'timer':
      return timer(facts);
    case 'socket':
      return requestDetail(facts) ?? socketText(facts);
    case 'server':
      return serverText(facts);
    case 'fs':
      return words(`fs.${facts.operation ?? 'request'}`, facts.path);
    case 'dns':
      return words(facts.api === undefined ? 'dns' : `dns.${facts.api}`, facts.host ?? 'look-up');
    case 'thread-pool':
      return words(facts.api, facts.algorithm);
    case 'http':
      return httpText(facts);
    case 'child-process':
      return processText(facts);
    case 'worker':
      if (facts.memory === true) return 'Atomics.waitAsync, until a thread notifies';
      return facts.port === true ? 'message port' : words('worker', facts.threadId?.toString());
    case 'stream':
      return facts.web === true ? webStreamText(facts) : streamText(facts);
    case 'event':
      return event(facts);
    case 'lock':
      return lockDetail(facts, durationText);
    case 'immediate':
      return 'setImmediate';
    case 'promise':
      return labelled(facts.expression, 'a promise that other code must settle');
    case 'unknown':
      return facts.type ?? 'something unknown';
  }
}

const labelled = (label: string | undefined, text: string): string =>
  label === undefined ? text : `${label}: ${text}`;

/** The name of a combinator: "Promise.all". */
export function combinatorName(combinator: Combinator | undefined): string {
  return combinator === undefined ? 'Promise combinator' : `Promise.${combinator}`;
}

/** Joins the known parts of a description by middle dots. */
export function dotted(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** A signal given with the call, or with what the call is about. */
function abortText(facts: WaitFacts): string | undefined {
  const abort = facts.abort ?? (facts.kind === 'event' ? facts.subject?.abort : undefined);
  if (abort?.leftMs === undefined) return undefined;
  return abort.leftMs < 0 ? 'times out now' : `times out in ${durationText(abort.leftMs)}`;
}

/** A timer fires up to this much late without being late. Milliseconds. */
const USUAL_DELAY_MS = 10;

/** `timer`: of a package, which uses `setInterval` for what fires once, too. */
type Timer = Omit<FactsOf<'timer'>, 'api'> & { api: FactsOf<'timer'>['api'] | 'timer' };

function timer({ api, delayMs, leftMs, lateMs = 0, unref }: Timer): string {
  const name = words(api, delayText(delayMs), unref === true ? '(not keeping the process alive)' : undefined);
  if (leftMs < -USUAL_DELAY_MS) return `${name}, ${delayText(-leftMs)} overdue`;
  if (api === 'setInterval') return lateMs > USUAL_DELAY_MS ? `${name}, last tick ${delayText(lateMs)} late` : name;
  const left = Math.max(0, leftMs);
  return `${name}, ${delayMs < 10_000 ? delayText(left) : durationText(left).replace('.0 ', ' ')} left`;
}

/** A function call where one waits, otherwise the event and whose it is; then the resource behind it. */
function event(facts: FactsOf<'event'>): string {
  const { event: name, emitter, api, subject, library } = facts;
  if (library !== undefined) return observable(facts);
  if (subject === undefined) return call(api, emitter, name);
  const isStream = subject.kind === 'stream' && subject.web !== true;
  const what = isStream ? streamEventText(subject, name) : subjectText(subject);
  // Of a stream of the program's own class there may be nothing else to tell.
  return what === emitter ? call(api, emitter, name) : `${call(api, emitter, name)}: ${what}`;
}

/** Packages pass on all events of one emitter. */
const MAX_EVENTS = 4;

function quoted(name: string): string {
  const names = name.split("' or '");
  if (names.length <= MAX_EVENTS) return `'${name}'`;
  const shown = names.slice(0, MAX_EVENTS - 1).join("' or '");
  return `'${shown}' or ${names.length - MAX_EVENTS + 1} others`;
}

/** "rxjs: a value of a Subject, through operators: timer 30 s, 12 s left". */
function observable({ library, until, emitter = 'Observable', piped, subject }: FactsOf<'event'>): string {
  const article = emitter === 'Observable' ? 'an' : emitter.endsWith('Subject') ? 'a' : undefined;
  const asked = until === 'end' ? 'the end' : 'a value';
  const what = clauses(
    `${library}: ${asked} of ${words(article, emitter)}`,
    piped === true ? 'through operators' : undefined,
  );
  if (subject === undefined) return what;
  return `${what}: ${subject.kind === 'timer' ? timer({ ...subject, api: 'timer' }) : subjectText(subject)}`;
}

function call(api: FactsOf<'event'>['api'], emitter: string | undefined, name: string | undefined): string {
  if (api === 'prompt') return `${emitter === 'stdin' ? 'prompt on standard input' : 'prompt'}, waiting for a key`;
  if (api === 'question') return words('question', name === undefined ? undefined : `'${name}'`);
  if (api !== undefined)
    return `${api}(${clauses(emitter ?? 'emitter', name === undefined ? undefined : quoted(name))})`;
  return words(
    name === undefined ? 'an event' : `event ${quoted(name)}`,
    emitter === undefined ? undefined : `of ${emitter}`,
  );
}

/** For how long it has been there; of what is older than Async Lens only a time worth telling. */
export function ageText(ageMs: number, fromBefore: boolean | undefined): string | undefined {
  if (fromBefore !== true) return durationText(ageMs);
  return ageMs < MIN_BEFORE_MS ? undefined : `over ${durationText(ageMs)}`;
}

const MIN_BEFORE_MS = 1000;

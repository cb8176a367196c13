/** `threadpool-saturated`: all threads of libuv's pool were busy, and other work had to wait for one. */
import type { WaitFacts } from '../../protocol/agent.ts';
import type { Finding } from '../../protocol/report.ts';
import type { PoolSaturation } from '../../protocol/thread-pool.ts';
import { poolLines, type PoolLine } from '../stalls/thread-pool.ts';
import { countOf, durationText, waitDetail } from '../wording/wording.ts';
import type { Rule } from './rule.ts';

const MAX_RELATED = 10;

/** One finding in all: who had the threads at the worst time and who waited, as related. */
export const threadpoolSaturated: Rule = ({ program: { snapshot }, sources }) => {
  const { size = 0, saturation } = snapshot?.threadPool ?? {};
  if (snapshot === undefined || saturation === undefined) return [];
  const { count, totalMs, worst } = saturation;
  const holders = poolLines(worst.running, snapshot, sources);
  const waiters = poolLines(worst.queued, snapshot, sources);
  const location = [...holders, ...waiters].find(({ place }) => place?.library === undefined && place?.location)?.place;
  const finding: Finding = {
    rule: 'threadpool-saturated',
    severity: 'warning',
    // Who has a thread is told by the order of the work.
    confidence: 'likely',
    message: `${fact(size, saturation, holders)}. ${advice(size, saturation)}`,
    ...(location?.location === undefined ? {} : { location: location.location }),
    related: [
      ...holders.map((line) => related(line, line.work.count === 1 ? 'has a thread' : 'have threads')),
      ...waiters.map((line) => related(line, line.work.count === 1 ? 'waits for a thread' : 'wait for threads')),
    ].slice(0, MAX_RELATED),
    data: { size, busy: worst.busy, waiting: worst.waiting, waitMs: worst.waitMs, count, totalMs },
  };
  return [finding];
};

const isOfLookUps = (size: number, { worst }: PoolSaturation): boolean => worst.busy < size;

function fact(size: number, saturation: PoolSaturation, holders: readonly PoolLine[]): string {
  const { count, totalMs, worst } = saturation;
  const waiting = `${countOf(worst.waiting, 'request')} waited for a thread for up to ${durationText(worst.waitMs)}`;
  const times = count === 1 ? '' : ` (${count} times, ${durationText(totalMs)} in all)`;
  if (isOfLookUps(size, saturation)) {
    return `Look-ups of host names may use only ${worst.busy} of the ${countOf(size, 'thread')} of the thread pool, and ${waiting}${times}`;
  }
  const threads = size === 1 ? 'The only thread of the thread pool was' : `All ${size} threads of the thread pool were`;
  return `${threads} busy with ${names(holders)} while ${waiting}${times}`;
}

/** "crypto.pbkdf2 ×3 and fs.readFile", the most first. */
function names(lines: readonly PoolLine[]): string {
  const counts = new Map<string, number>();
  for (const { work } of lines) counts.set(nameOf(work.facts), (counts.get(nameOf(work.facts)) ?? 0) + work.count);
  const texts = [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .map(([name, count]) => (count > 1 ? `${name} ×${count}` : name));
  return texts.length < 2 ? texts.join() : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

/** Without what differs from one to the next. */
function nameOf(facts: WaitFacts): string {
  if (facts.kind === 'fs') return `fs.${facts.operation ?? 'request'}`;
  return facts.kind === 'dns' ? 'dns.lookup' : waitDetail(facts);
}

function advice(size: number, saturation: PoolSaturation): string {
  const more = 'give the pool more threads (UV_THREADPOOL_SIZE)';
  return isOfLookUps(size, saturation)
    ? `Keep their results, use dns.resolve, which needs no thread, or ${more}.`
    : `Do less of it at once, or ${more}.`;
}

function related({ text, work, place }: PoolLine, verb: string): Finding['related'][number] {
  const location = place?.location;
  return {
    message: `${text} ${verb}, for ${durationText(work.ageMs)}`,
    ...(location === undefined ? {} : { location }),
  };
}

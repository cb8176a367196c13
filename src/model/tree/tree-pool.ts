/** The rows about libuv's thread pool: who has its threads, who waits for one. */
import type { Snapshot } from '../../protocol/agent.ts';
import type { TreeItem } from '../../protocol/dap.ts';
import type { ThreadPool } from '../../protocol/thread-pool.ts';
import { shortPlace } from '../place.ts';
import type { Sources } from '../sources.ts';
import { ownerText, poolLines, type PoolLine } from '../stalls/thread-pool.ts';
import { described, type RowTimes } from '../wording/row-times.ts';
import { dotted } from '../wording/wording.ts';

/** Work that is back sooner is usual and not worth a row. Milliseconds. */
const SHOWN_FROM_MS = 100;

/** One row with who has threads and who waits below; `undefined` while nothing stays in the pool for long. */
export function poolItem(snapshot: Snapshot, sources: Sources, id: string, times: RowTimes): TreeItem | undefined {
  const { threadPool: pool } = snapshot;
  if (pool === undefined || ![...pool.running, ...pool.queued].some(({ ageMs }) => ageMs >= SHOWN_FROM_MS))
    return undefined;
  const { size, busy, waiting, running, queued } = pool;
  // That work is done the loop hears of only when it turns.
  const state = snapshot.stalls.some(({ open }) => open) ? 'running or done' : 'running';
  const rows = [
    ...poolLines(running, snapshot, sources).map((line, index) => row(line, state, `${id}/running/${index}`, times)),
    ...poolLines(queued, snapshot, sources).map((line, index) => row(line, 'queued', `${id}/queued/${index}`, times)),
  ];
  return {
    id,
    kind: 'section',
    label: 'Thread pool',
    description: dotted(
      state === 'running' ? `${busy} of ${size} busy` : `up to ${busy} of ${size} busy`,
      waiting === 0 ? undefined : `${waiting} queued`,
    ),
    tooltip: tooltip(pool),
    icon: 'server-process',
    ...(waiting === 0 ? {} : { severity: 'warning' as const }),
    children: rows,
  };
}

function tooltip({ size, busy, waiting }: ThreadPool): string {
  const lines = [
    `Files, look-ups of host names, cryptography and compression share ${size} threads (UV_THREADPOOL_SIZE).`,
    'Who has one is likely, not proved: the pool starts work in the order in which it came.',
    'Work of worker threads and native add-ons is not seen.',
  ];
  if (waiting > 0 && busy < size) lines.push('Look-ups of host names get at most half of the threads.');
  return lines.join('\n');
}

function row(line: PoolLine, state: 'running' | 'running or done' | 'queued', id: string, times: RowTimes): TreeItem {
  const { text, work, place } = line;
  const location = place?.location;
  const { tasks } = work;
  return {
    id,
    kind: 'resource',
    label: text,
    ...described((by) => dotted(state, ownerText(line), shortPlace(location), by.age(work.ageMs)), times),
    ...(location === undefined ? {} : { location }),
    ...(tasks?.[0] === undefined || line.owners.length === 0 ? {} : { task: tasks[0] }),
    icon: state === 'queued' ? 'watch' : 'play-circle',
    children: [],
  };
}

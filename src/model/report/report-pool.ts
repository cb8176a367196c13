/** The part of the report about libuv's thread pool. */
import type { Snapshot } from '../../protocol/agent.ts';
import type { Report, ReportPoolWork } from '../../protocol/report.ts';
import type { PoolWork } from '../../protocol/thread-pool.ts';
import type { Sources } from '../sources.ts';
import { poolLines } from '../stalls/thread-pool.ts';
import { waitDetail } from '../wording/wording.ts';

/** `ids`: what the report calls each task. */
export function reportPool(
  snapshot: Snapshot | undefined,
  sources: Sources,
  ids: ReadonlyMap<number, string>,
): Pick<Report, 'threadPool'> {
  if (snapshot?.threadPool === undefined) return {};
  const { size, busy, waiting, running, queued, saturation } = snapshot.threadPool;
  const works = (list: readonly PoolWork[]): ReportPoolWork[] =>
    poolLines(list, snapshot, sources).map(({ work, place }) => {
      const tasks = [...new Set((work.tasks ?? []).map((id) => ids.get(id)))].filter((id) => id !== undefined);
      return {
        kind: work.facts.kind,
        detail: waitDetail(work.facts),
        count: work.count,
        ageMs: work.ageMs,
        ...(place?.location === undefined ? {} : { location: place.location }),
        ...(tasks.length === 0 ? {} : { tasks }),
      };
    });
  return {
    threadPool: {
      size,
      busy,
      waiting,
      running: works(running),
      queued: works(queued),
      ...(saturation === undefined
        ? {}
        : { saturation: { count: saturation.count, totalMs: saturation.totalMs, worstMs: saturation.worst.waitMs } }),
    },
  };
}

/** `stalled-job`: the loop was held for so long that a worker of a job queue could not say it is still at its job. */
import type { Stall } from '../../protocol/agent.ts';
import type { JobWorker } from '../../protocol/job-workers.ts';
import type { Finding } from '../../protocol/report.ts';
import { culprit, groupStalls } from '../stalls/stall-groups.ts';
import { durationText } from '../wording/wording.ts';
import type { Rule, RuleContext } from './rule.ts';

/** One finding per queue and line that held the loop, of the longest time; told from the moment on at which the last renewal may be too old. */
export const stalledJob: Rule = ({ program: { snapshot, stalls }, sources }) => {
  const longest = new Map<string, { finding: Finding; heldMs: number }>();
  for (const worker of snapshot?.jobWorkers ?? []) {
    for (const stall of stalls) {
      const heldMs = Math.max(0, ...worker.jobs.map((job) => overlapMs(stall, job)));
      if (heldMs < worker.leaseMs - worker.renewMs) continue;
      const finding = findingOf(worker, stall, heldMs, sources);
      const key = `${worker.library} ${worker.queue} ${finding.location?.file}:${finding.location?.line}`;
      if ((longest.get(key)?.heldMs ?? 0) < heldMs) longest.set(key, { finding, heldMs });
    }
  }
  return [...longest.values()].map(({ finding }) => finding);
};

function overlapMs(stall: Stall, { startMs, endMs = Infinity }: JobWorker['jobs'][number]): number {
  return Math.min(stall.startMs + stall.durationMs, endMs) - Math.max(stall.startMs, startMs);
}

function findingOf(worker: JobWorker, stall: Stall, heldMs: number, sources: RuleContext['sources']): Finding {
  const { library, queue, leaseMs } = worker;
  const [group] = groupStalls([stall], sources);
  const what = group === undefined ? 'The program' : culprit(group);
  const location = group?.place?.location;
  const isLost = heldMs >= leaseMs;
  const risk = isLost
    ? `its hold on the job ended after ${durationText(leaseMs)}, so another worker may run the same job again`
    : `it has a job for only ${durationText(leaseMs)} and could not renew that: a little longer, and another worker runs the same job again`;
  return {
    rule: 'stalled-job',
    severity: isLost ? 'error' : 'warning',
    confidence: 'likely',
    message: `${what} held the event loop for ${durationText(heldMs)} while a worker of ${library} was at a job of '${queue}': ${risk}. Let the loop turn in between, do the work in a process of its own (a sandboxed processor) or worker thread, or raise ${option(library)}.`,
    ...(location === undefined ? {} : { location }),
    related: [],
    data: { library, queue, leaseMs, heldMs: Math.round(heldMs) },
  };
}

const option = (library: string): string => (library === 'bee-queue' ? 'stallInterval' : 'lockDuration');

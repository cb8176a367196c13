import assert from 'node:assert/strict';
import type { JobWorker } from '../../src/protocol/job-workers.ts';
import type { Finding } from '../../src/protocol/report.ts';
import { findingsOf, tells } from '../support/findings.ts';
import { snapshot, stall } from '../support/samples.ts';

/** With the default lock of 30 s; the loop was held from 3 s on. */
function found(durationMs: number, jobs: JobWorker['jobs'], more: Partial<JobWorker> = {}): Finding[] {
  const worker = { library: 'bullmq', queue: 'images', leaseMs: 30_000, renewMs: 15_000, jobs, ...more };
  const state = snapshot([], { stalls: [stall({ durationMs })], jobWorkers: [worker] });
  return findingsOf(state).filter(({ rule }) => rule === 'stalled-job');
}

describe('stalled-job', () => {
  it('tells of a stall that is longer than the lock of a job', () => {
    tells(
      found(40_000, [{ startMs: 2000 }]),
      `
      error stalled-job likely /app/page.ts:8
        render held the event loop for 40 s while a worker of bullmq was at a job of 'images': its hold on the job ended after 30 s, so another worker may run the same job again. Let the loop turn in between, do the work in a process of its own (a sandboxed processor) or worker thread, or raise lockDuration.
      `,
    );
  });

  it('warns before, as soon as the last renewal may be too old', () => {
    const [finding] = found(16_000, [{ startMs: 2000, endMs: 60_000 }], { library: 'bee-queue' });
    assert.equal(finding?.severity, 'warning');
    assert.match(finding.message, /could not renew that: a little longer, and .* raise stallInterval\.$/);
  });

  it('is silent while there is time, and when the job came later, was over by then or came late in the stall', () => {
    assert.deepEqual(found(14_000, [{ startMs: 2000 }]), []);
    assert.deepEqual(found(40_000, []), []);
    assert.deepEqual(found(40_000, [{ startMs: 50_000 }]), []);
    assert.deepEqual(found(40_000, [{ startMs: 1000, endMs: 2900 }]), []);
    assert.deepEqual(found(40_000, [{ startMs: 30_000 }]), []);
  });

  it('tells the longest of several stalls at one line once', () => {
    const worker = { library: 'bull', queue: 'q', leaseMs: 100, renewMs: 50, jobs: [{ startMs: 0 }] };
    const stalls = [stall({ durationMs: 200 }), stall({ id: 2, startMs: 9000, durationMs: 300 })];
    const all = findingsOf(snapshot([], { stalls, jobWorkers: [worker] }));
    assert.deepEqual(
      all.filter(({ rule }) => rule === 'stalled-job').map(({ data }) => data['heldMs']),
      [300],
    );
  });
});

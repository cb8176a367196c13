/** Waits for locks, pools, queues and connections of packages in words. */
import type { Wait, WaitFacts } from '../../protocol/agent.ts';
import type { LockFacts } from '../../protocol/lock.ts';

type SocketFacts = Extract<WaitFacts, { kind: 'socket' }>;

/** "a connection of pg Pool, 10 of 10 in use, 5 waiting"; `duration` puts milliseconds into words. */
export function lockDetail(facts: LockFacts, duration: (ms: number) => string): string {
  const { lock, size, inUse, waiters, position, heldMs, paused, paceMs, leaseMs } = facts;
  const until = untilText(facts);
  const parts = [until === undefined ? lockName(facts) : `${lockName(facts)}, until ${until}`];
  if (lock === 'mutex') {
    if (heldMs !== undefined) parts.push(`held for ${duration(heldMs)}`);
  } else if (inUse !== undefined) {
    const running = lock === 'limit' || lock === 'queue' ? 'running' : 'in use';
    parts.push(`${inUse}${size === undefined ? '' : ` of ${size}`} ${running}`);
  }
  if (leaseMs !== undefined) parts.push(`each locked for ${duration(leaseMs)}`);
  if (paceMs !== undefined) parts.push(`one every ${duration(paceMs)}`);
  if (paused === true) parts.push('paused');
  if (waiters !== undefined && waiters > 0) {
    parts.push(
      position === undefined || waiters === 1 ? `${waiters} waiting` : `${ordinal(position)} of ${waiters} waiting`,
    );
  }
  return parts.join(', ');
}

/** What a wait is for that is none for a place. */
function untilText({ untilIdle, untilFewer, untilNoneRuns }: LockFacts): string | undefined {
  if (untilIdle === true) return 'it is idle';
  if (untilNoneRuns === true) return 'none is running';
  return untilFewer === undefined ? undefined : untilFewer === 1 ? 'none waits' : `fewer than ${untilFewer} wait`;
}

/** What a row says of its wait: members of a group have different places in the queue. */
export function waitOfGroup(wait: Wait, count: number): Wait {
  if (wait.facts.kind !== 'lock' || count === 1) return wait;
  const { position: _, ...facts } = wait.facts;
  return { ...wait, facts };
}

/** "Mutex of async-mutex", "a connection of pg Pool", "p-limit(4)". */
export function lockName({ lock, library, name, gives, size, holder }: LockFacts): string {
  if (library === undefined) return holder === undefined ? 'lock' : `lock held by task ${holder}`;
  if (lock === 'limit') return size === undefined ? library : `${library}(${size})`;
  if (gives !== undefined) return `a ${gives} of ${library} ${name ?? 'pool'}`;
  return name === undefined ? library : `${name} of ${library}`;
}

/** "pg: query SELECT ?, on 127.0.0.1:5432"; undefined when no package is known to talk over the socket. */
export function requestDetail(facts: SocketFacts): string | undefined {
  const { library, request, queued, behind, remote, tls, state } = facts;
  if (library === undefined || request === undefined) return undefined;
  const peer = remote === undefined ? '' : ` on ${remote}${tls === true ? ' (TLS)' : ''}`;
  const before = queued === undefined || queued === 0 ? '' : `, behind ${queued} other${queued === 1 ? '' : 's'}`;
  const blocked = behind === undefined ? '' : `, behind ${behind}`;
  return `${library}: ${request}${peer}${before}${blocked}${state === 'connecting' ? ', not connected yet' : ''}`;
}

function ordinal(n: number): string {
  const tens = n % 100;
  if (tens >= 11 && tens <= 13) return `${n}th`;
  return `${n}${['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'}`;
}

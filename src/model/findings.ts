/** Runs every rule over a program, applies the user's severities and comments, and drops what would be told twice. */
import type { Finding, RuleId, Severity } from '../protocol/report.ts';
import { RULE_IDS } from '../protocol/report.ts';
import type { LensSettings } from '../protocol/settings.ts';
import { isSilenced } from './source/ignores.ts';
import { lineKey, sameLine } from './place.ts';
import type { Program } from './program.ts';
import { distinctRelated } from './related.ts';
import { awaitCycle } from './rules/await-cycle.ts';
import { blockingCall } from './rules/blocking-call.ts';
import { deadAwait } from './rules/dead-await.ts';
import { busyPolling } from './rules/busy-polling.ts';
import { eventLoopStall } from './rules/event-loop-stall.ts';
import { floatingPromise } from './rules/floating-promise.ts';
import { lateTimer } from './rules/late-timer.ts';
import { lockCycle } from './rules/lock-cycle.ts';
import { longWait } from './rules/long-wait.ts';
import { microtaskStarvation } from './rules/microtask-starvation.ts';
import { pendingAtExit } from './rules/pending-at-exit.ts';
import { raceRetention } from './rules/race-retention.ts';
import type { Rule } from './rules/rule.ts';
import { serialAwaits } from './rules/serial-awaits.ts';
import { stalledJob } from './rules/stalled-job.ts';
import { threadpoolSaturated } from './rules/threadpool-saturated.ts';
import { listenerLeak } from './rules/listener-leak.ts';
import { timerLeak } from './rules/timer-leak.ts';
import { timerOverflow } from './rules/timer-overflow.ts';
import { unboundedConcurrency } from './rules/unbounded-concurrency.ts';
import { unhandledRejection } from './rules/unhandled-rejection.ts';
import { unsettledTopLevelAwait } from './rules/unsettled-top-level-await.ts';
import type { Sources } from './sources.ts';

/** A new rule is a file in rules/, its id in `RULE_IDS` and a line here; tests ask for its page in docs/rules, its setting and its programs in test/truth. */
const RULES: Record<RuleId, Rule> = {
  'event-loop-stall': eventLoopStall,
  'blocking-call': blockingCall,
  'dead-await': deadAwait,
  'await-cycle': awaitCycle,
  'lock-cycle': lockCycle,
  'pending-at-exit': pendingAtExit,
  'unsettled-top-level-await': unsettledTopLevelAwait,
  'threadpool-saturated': threadpoolSaturated,
  'late-timer': lateTimer,
  'unhandled-rejection': unhandledRejection,
  'floating-promise': floatingPromise,
  'long-wait': longWait,
  'unbounded-concurrency': unboundedConcurrency,
  'timer-leak': timerLeak,
  'listener-leak': listenerLeak,
  'race-retention': raceRetention,
  'timer-overflow': timerOverflow,
  'serial-awaits': serialAwaits,
  'microtask-starvation': microtaskStarvation,
  'busy-polling': busyPolling,
  'stalled-job': stalledJob,
};

const ORDER: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** All findings, worst first, each once. */
export function runRules(program: Program, settings: LensSettings, sources: Sources): Finding[] {
  const findings: Finding[] = [];
  for (const id of RULE_IDS) {
    const severity = settings.rules[id];
    if (severity === 'off') continue;
    const silenced = (location: Finding['location']): boolean => isSilenced(id, location, sources);
    for (const finding of RULES[id]({ program, settings, sources, isSilenced: silenced })) {
      if (silenced(finding.location)) continue;
      const related = distinctRelated(finding.related);
      findings.push({ ...finding, related, severity: severity ?? finding.severity });
    }
  }
  return merged(findings)
    .filter((finding) => finding.rule !== 'blocking-call' || !findings.some((other) => isStallOf(other, finding)))
    .filter((finding) => !findings.some((other) => isPartOf(finding, other) || isOfCircle(finding, other)))
    .toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}

/** Equal findings are one with a count. */
function merged(findings: readonly Finding[]): Finding[] {
  const unique = new Map<string, Finding>();
  for (const finding of findings) {
    const key = [finding.rule, finding.severity, lineKey(finding.location), finding.message].join('\n');
    const known = unique.get(key);
    unique.set(key, known === undefined ? finding : { ...known, count: (known.count ?? 1) + (finding.count ?? 1) });
  }
  return [...unique.values()];
}

/** Short stalls of what is told as starvation at the same line. */
function isPartOf(stall: Finding, starvation: Finding): boolean {
  if (stall.rule !== 'event-loop-stall' || starvation.rule !== 'microtask-starvation') return false;
  return stall.data['kind'] === starvation.data['kind'] && sameLine(stall.location, starvation.location);
}

/** A long wait of those who wait for one another. */
function isOfCircle(wait: Finding, circle: Finding): boolean {
  if (wait.rule !== 'long-wait' || (circle.rule !== 'lock-cycle' && circle.rule !== 'await-cycle')) return false;
  return [circle, ...circle.related].some(({ location }) => sameLine(wait.location, location));
}

function isStallOf(stall: Finding, call: Finding): boolean {
  if (stall.rule !== 'event-loop-stall' || !sameLine(stall.location, call.location)) return false;
  return stall.data['api'] === undefined || stall.data['api'] === call.data['api'];
}

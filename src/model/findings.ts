/** Runs every rule over a program, applies the user's severities and drops what would be told twice. */
import type { Finding, RuleId, Severity } from '../protocol/report.ts';
import { RULE_IDS } from '../protocol/report.ts';
import type { LensSettings } from '../protocol/settings.ts';
import { sameLine } from './place.ts';
import type { Program } from './program.ts';
import { awaitCycle } from './rules/await-cycle.ts';
import { blockingCall } from './rules/blocking-call.ts';
import { eventLoopStall } from './rules/event-loop-stall.ts';
import { lateTimer } from './rules/late-timer.ts';
import { pendingAtExit } from './rules/pending-at-exit.ts';
import type { Rule } from './rules/rule.ts';
import { threadpoolSaturated } from './rules/threadpool-saturated.ts';
import { unsettledTopLevelAwait } from './rules/unsettled-top-level-await.ts';
import type { Sources } from './sources.ts';

const RULES: Record<RuleId, Rule> = {
  'event-loop-stall': eventLoopStall,
  'blocking-call': blockingCall,
  'await-cycle': awaitCycle,
  'pending-at-exit': pendingAtExit,
  'unsettled-top-level-await': unsettledTopLevelAwait,
  'threadpool-saturated': threadpoolSaturated,
  'late-timer': lateTimer,
};

const ORDER: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** All findings, worst first. */
export function runRules(program: Program, settings: LensSettings, sources: Sources): Finding[] {
  const findings: Finding[] = [];
  for (const id of RULE_IDS) {
    const severity = settings.rules[id];
    if (severity === 'off') continue;
    for (const finding of RULES[id]({ program, settings, sources })) {
      findings.push(severity === undefined ? finding : { ...finding, severity });
    }
  }
  return findings
    .filter((finding) => finding.rule !== 'blocking-call' || !findings.some((other) => isStallOf(other, finding)))
    .toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}

function isStallOf(stall: Finding, call: Finding): boolean {
  if (stall.rule !== 'event-loop-stall' || !sameLine(stall.location, call.location)) return false;
  return stall.data['api'] === undefined || stall.data['api'] === call.data['api'];
}

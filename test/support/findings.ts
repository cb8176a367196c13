/** Runs the rules over a small state and compares what they find as text. */
import assert from 'node:assert/strict';
import { runRules } from '../../src/model/findings.ts';
import { applyEvent, applySnapshot, newProgram } from '../../src/model/program.ts';
import type { Snapshot } from '../../src/protocol/agent.ts';
import type { Finding } from '../../src/protocol/report.ts';
import type { LensSettings } from '../../src/protocol/settings.ts';
import { DEFAULT_SETTINGS } from '../../src/protocol/settings.ts';
import { hello, sources, trimmed } from './samples.ts';

/** Findings of a running program in this state. */
export function findingsOf(state: Snapshot, settings: Partial<LensSettings> = {}): Finding[] {
  const program = newProgram();
  applyEvent(program, hello());
  applySnapshot(program, state);
  return runRules(program, { ...DEFAULT_SETTINGS, ...settings }, sources);
}

/** Findings after an orderly exit in this state. */
export function findingsAtExit(exitCode: number, drained: boolean | undefined, state: Snapshot): Finding[] {
  const program = newProgram();
  applyEvent(program, { event: 'exit', exitCode, ...(drained === undefined ? {} : { drained }), snapshot: state });
  return runRules(program, DEFAULT_SETTINGS, sources);
}

function text(findings: Finding[]): string {
  const place = (at: Finding['location']) => (at === undefined ? '' : ` ${at.file}:${at.line}`);
  return findings
    .map(({ rule, severity, confidence, message, location, related }) =>
      [
        `${severity} ${rule} ${confidence}${place(location)}`,
        `  ${message}`,
        ...related.map((other) => `  - ${other.message}${place(other.location)}`),
      ].join('\n'),
    )
    .join('\n');
}

/** Fails unless the findings, as text, are `expected`. */
export function tells(findings: Finding[], expected: string): void {
  assert.equal(text(findings), trimmed(expected));
}

/** What tests read from a program that stalled. */
import assert from 'node:assert/strict';
import type { Snapshot, Stall } from '../../src/protocol/agent.ts';
import type { RunResult } from './run-node.ts';

/** State at the end of the program. */
export function finalSnapshot(run: RunResult): Snapshot {
  const exit = run.events.find((event) => event.event === 'exit');
  assert.ok(exit !== undefined, `no exit event; stderr: ${run.stderr}`);
  assert.deepEqual(exit.snapshot.faults, []);
  return exit.snapshot;
}

/** `function:line` of the first frame in the program's own file. */
export function culprit(stall: Pick<Stall, 'stack'>, file: string): string {
  const frame = stall.stack.find((each) => each.file === file);
  return frame === undefined ? 'none' : `${frame.function.replace(/^.*\./, '')}:${frame.line}`;
}

/** Stalls after start-up long enough not to be the machine's own hiccups. */
export const told = (snapshot: Snapshot, minMs = 150): Stall[] =>
  snapshot.stalls.filter((stall) => stall.kind !== 'startup' && stall.durationMs >= minMs);

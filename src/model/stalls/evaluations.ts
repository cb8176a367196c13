/** Times in which a debugger evaluated an expression of the user's in the program: what holds the loop then is no fault of the program's. */
import type { Stall } from '../../protocol/agent.ts';

/** Milliseconds since the start of the process; `Infinity` while it is going on. */
export interface Evaluation {
  startMs: number;
  endMs: number;
}

/** Older ones are forgotten. */
const MAX_EVALUATIONS = 100;
/** The editor's and the program's clocks are one, but news takes its time. */
const SLACK_MS = 100;

/** One more; `endMs` is set when it is over. */
export function addEvaluation(evaluations: Evaluation[], startMs: number): Evaluation {
  const evaluation = { startMs, endMs: Infinity };
  evaluations.push(evaluation);
  if (evaluations.length > MAX_EVALUATIONS) evaluations.shift();
  return evaluation;
}

/**
 * Whether the stall is an evaluation. Nothing interrupts one, so that there is a stack only of a timed call in it; its outermost frame is then the nameless script that
 * the debugger runs (`eval-1234.cdp` in the JavaScript debugger).
 */
export function isEvaluated({ startMs, durationMs, stack }: Stall, evaluations: readonly Evaluation[]): boolean {
  const outermost = stack.at(-1)?.file;
  if (outermost !== undefined && outermost !== '' && !outermost.endsWith('.cdp')) return false;
  return evaluations.some((one) => startMs >= one.startMs - SLACK_MS && startMs + durationMs <= one.endMs + SLACK_MS);
}

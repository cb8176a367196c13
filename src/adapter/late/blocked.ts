/** Tells whether the event loop of a program turns, and if not, what runs: V8 answers an inspector in the midst of JavaScript, without a pause. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Frame } from '../../protocol/agent.ts';
import type { Cdp } from '../cdp.ts';
import { evaluate } from './evaluate.ts';
import { withStack } from './own-stack.ts';

/** `turns`: it is worth asking more. `blocked`: the same code has been running all the time. `silent`: not even JavaScript runs. */
export type LoopLook = { state: 'turns' } | { state: 'blocked'; stack: Frame[] } | { state: 'silent' };

/** A loop that has not turned for so long is blocked. Milliseconds. */
export const BLOCKED_MS = 1000;
const SAMPLE_MS = 100;
/** JavaScript answers at once, on a busy machine late. Milliseconds. */
export const SILENT_MS = 5000;

/** `idle` is the time for which the loop has waited for events so far. */
const SAMPLE = withStack(
  50,
  `const frames = [];
    for (const site of Array.isArray(sites) ? sites.slice(2) : []) {
      frames.push({ file: site.getFileName() ?? '<anonymous>', line: site.getLineNumber() ?? 0, column: site.getColumnNumber() ?? 0, function: site.getFunctionName() ?? '' });
    }
    return JSON.stringify({ frames, idle: performance.eventLoopUtilization().idle, turn: performance.nodeTiming.uvMetricsInfo?.loopCount });`,
);

interface Sample {
  frames: Frame[];
  idle: number;
  turn?: number;
}

/** Takes up to a second when the program is at work, five when it does not answer, else no time. A program that cannot be sampled counts as one that turns: it answers. */
export async function lookAtLoop(cdp: Cdp): Promise<LoopLook> {
  const first = await sample(cdp);
  if (first === 'silent') return { state: 'silent' };
  let last = first;
  for (let ms = 0; ms < BLOCKED_MS; ms += SAMPLE_MS) {
    if (last.frames.length === 0 || last.idle !== first.idle || last.turn !== first.turn) return { state: 'turns' };
    await delay(SAMPLE_MS);
    const next = await sample(cdp);
    if (next === 'silent') break;
    last = next;
  }
  return { state: 'blocked', stack: last.frames };
}

const UNKNOWN: Sample = { frames: [], idle: 0 };

async function sample(cdp: Cdp): Promise<Sample | 'silent'> {
  const asked = evaluate(cdp, SAMPLE).then((value) =>
    typeof value === 'string' ? (JSON.parse(value) as Sample) : UNKNOWN,
  );
  asked.catch(() => undefined); // the connection is closed before it answers
  return Promise.race([asked, delay(SILENT_MS, 'silent' as const, { ref: false })]);
}

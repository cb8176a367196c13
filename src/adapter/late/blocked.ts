/** Tells whether the event loop of a program turns, and if not, what runs: V8 answers an inspector in the midst of JavaScript, without a pause. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Frame } from '../../protocol/agent.ts';
import type { Cdp } from '../cdp.ts';
import { evaluate } from './evaluate.ts';
import { hotStack } from './hot-stack.ts';
import { withStack } from './own-stack.ts';

/**
 * `turns`: it is worth asking more. `blocked`: the loop has not turned all the time; `starved`: not because of one piece of code, for reactions of promises were run
 * meanwhile. `silent`: not even JavaScript runs.
 */
export type LoopLook = { state: 'turns' } | Blocked | { state: 'silent' };

export interface Blocked {
  state: 'blocked';
  /** What ran when it was seen last; empty when that was never more than what lies between two reactions. */
  stack: Frame[];
  starved: boolean;
}

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

/** Reactions seen to run in so many of the ten times between two looks are no chance. */
const STARVED_TIMES = 3;

/** `cdp`: a connection of our own. Takes little more than a second when the program is at work, five when it does not answer, else no time. A program that cannot be sampled counts as one that turns: it answers. */
export async function lookAtLoop(cdp: Cdp): Promise<LoopLook> {
  const first = await sample(cdp);
  if (first === 'silent') return { state: 'silent' };
  // An idle loop turns for each question.
  let last = first.frames.length === 0 ? await sample(cdp) : first;
  if (last === 'silent') return { state: 'silent' };
  let stack = first.frames;
  let reactions = 0;
  for (let ms = 0; ms < BLOCKED_MS; ms += SAMPLE_MS) {
    // Without a count of the turns, what runs no code may have turned.
    const unknown = last.frames.length === 0 && last.turn === undefined;
    if (unknown || last.idle !== first.idle || last.turn !== first.turn) return { state: 'turns' };
    const hasReacted = reaction(cdp);
    await delay(SAMPLE_MS);
    const next = await sample(cdp);
    if (next === 'silent') break;
    last = next;
    if (next.frames.length > 0) stack = next.frames;
    if (hasReacted()) reactions++;
  }
  if (reactions < STARVED_TIMES) return { state: 'blocked', stack, starved: false };
  const hot = await hotStack(cdp);
  return { state: 'blocked', stack: hot.length > 0 ? hot : stack, starved: true };
}

/** Asks for a reaction of our own, which runs when those do that are queued before it. Answers whether it has. */
function reaction(cdp: Cdp): () => boolean {
  let ran = false;
  evaluate(cdp, '(async () => { await null; return true; })()', { awaitPromise: true }).then(
    (value) => (ran = value === true),
    () => undefined, // the connection is closed before it answers
  );
  return () => ran;
}

const UNKNOWN: Sample = { frames: [], idle: 0 };

async function sample(cdp: Cdp): Promise<Sample | 'silent'> {
  const asked = evaluate(cdp, SAMPLE).then((value) =>
    typeof value === 'string' ? (JSON.parse(value) as Sample) : UNKNOWN,
  );
  asked.catch(() => undefined); // the connection is closed before it answers
  return Promise.race([asked, delay(SILENT_MS, 'silent' as const, { ref: false })]);
}

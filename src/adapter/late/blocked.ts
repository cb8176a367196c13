/** Tells whether the event loop of a program turns, and if not, what runs: V8 answers an inspector in the midst of JavaScript, without a pause. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Frame } from '../../protocol/agent.ts';
import { asJson, type Cdp } from '../cdp.ts';

/** `turns`: it is worth asking more. `blocked`: the same code has been running all the time. `silent`: not even JavaScript runs. */
export type LoopLook = { state: 'turns' } | { state: 'blocked'; stack: Frame[] } | { state: 'silent' };

/** A loop that has not turned for so long is blocked. Milliseconds. */
export const BLOCKED_MS = 1000;
const SAMPLE_MS = 100;
/** JavaScript answers at once, on a busy machine late. Milliseconds. */
export const SILENT_MS = 5000;

/**
 * No function of the program's may run here: its own way to format stacks is put aside. And no regular expression: see `stacks/within.ts`. `idle` is the time for which the loop has
 * waited for events so far.
 */
const SAMPLE = `(() => {
  const own = (key) => Object.getOwnPropertyDescriptor(Error, key);
  const [limit, format] = [own('stackTraceLimit'), own('prepareStackTrace')];
  const restore = (key, value) => value === undefined ? delete Error[key] : Object.defineProperty(Error, key, value);
  try {
    Object.defineProperty(Error, 'stackTraceLimit', { value: 50, configurable: true, writable: true });
    Object.defineProperty(Error, 'prepareStackTrace', { value: (_, sites) => sites, configurable: true, writable: true });
    const sites = new Error().stack;
    const frames = [];
    for (let i = 2; i < sites.length; i++) {
      const site = sites[i];
      frames.push({ file: site.getFileName() ?? '<anonymous>', line: site.getLineNumber() ?? 0, column: site.getColumnNumber() ?? 0, function: site.getFunctionName() ?? '' });
    }
    return JSON.stringify({ frames, idle: performance.eventLoopUtilization().idle, turn: performance.nodeTiming.uvMetricsInfo?.loopCount });
  } finally {
    restore('stackTraceLimit', limit);
    restore('prepareStackTrace', format);
  }
})()`;

interface Sample {
  frames: Frame[];
  idle: number;
  turn?: number;
}

/** Takes up to a second when the program is at work, five when it does not answer, else no time. */
export async function lookAtLoop(cdp: Cdp): Promise<LoopLook> {
  const first = await sample(cdp);
  if (first === undefined) return { state: 'silent' };
  let last = first;
  for (let ms = 0; ms < BLOCKED_MS; ms += SAMPLE_MS) {
    if (last.frames.length === 0 || last.idle !== first.idle || last.turn !== first.turn) return { state: 'turns' };
    await delay(SAMPLE_MS);
    const next = await sample(cdp);
    if (next === undefined) break;
    last = next;
  }
  return { state: 'blocked', stack: last.frames };
}

async function sample(cdp: Cdp): Promise<Sample | undefined> {
  const asked = cdp.send('Runtime.evaluate', {
    expression: SAMPLE,
    returnByValue: true,
    silent: true,
    disableBreaks: true,
  });
  const answer = await Promise.race([asked, delay(SILENT_MS, undefined, { ref: false })]);
  asked.catch(() => undefined); // the connection is closed before it answers
  const { value } = asJson(answer?.['result']);
  return typeof value === 'string' ? (JSON.parse(value) as Sample) : undefined;
}

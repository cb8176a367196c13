/** Joins a program that may run without the agent: loads it, has it record from now on, and tells it what was pending before. */
import { durationText } from '../../model/wording/wording.ts';
import { leaveAtExit } from '../agent-link.ts';
import { AGENT, messageOf } from '../asking.ts';
import type { Cdp } from '../cdp.ts';
import { blockedAt, noAnswer } from '../errors.ts';
import { standstillMs } from '../heap/reading.ts';
import { lookAtLoop } from './blocked.ts';
import { BUSY, whenFree } from './evaluate.ts';
import { inject, type Injected } from './inject.ts';
import { LONG_STANDSTILL_MS, takeIn } from './take-in.ts';

/** A program at work is interrupted again and again until no code of its own runs. Milliseconds. */
const WORK_MS = 15_000;
/** A program that a debugger holds is joined when it goes on. Milliseconds. */
const HELD_MS = 10 * 60_000;

export interface JoinOptions {
  agentFile: string;
  /** The connection is the JavaScript debugger's, which may hold the program. */
  shared: boolean;
  /** Told what is left out. */
  tell(text: string): void;
}

/** `there`: the agent that is in it. One that records is left as it is. Rejects with coded errors when it cannot be loaded or the program is blocked. */
export async function joinLate(cdp: Cdp, there: Injected | undefined, options: JoinOptions): Promise<void> {
  const { agentFile, shared, tell } = options;
  const patienceMs = shared ? HELD_MS : WORK_MS;
  if (there === 'watched') {
    await watchLoop(cdp, patienceMs); // another attach may have come only so far
    return;
  }
  if (!shared) {
    leaveAtExit(cdp).catch(() => undefined); // it is blocked, or gone: the next step tells
    const loop = await lookAtLoop(cdp);
    if (loop.state === 'silent') throw noAnswer();
    if (loop.state === 'blocked') throw blockedAt(loop);
  }
  if (there === undefined) await inject(cdp, agentFile, patienceMs);
  if (!(await record(cdp, patienceMs))) return;
  await takeInBefore(cdp, shared, tell);
  await watchLoop(cdp, patienceMs);
}

/** Does nothing where it is watched already. */
async function watchLoop(cdp: Cdp, patienceMs: number): Promise<void> {
  await whenFree(cdp, `${AGENT}.watchLoop?.() === false ? '${BUSY}' : true`, { patienceMs });
}

async function takeInBefore(cdp: Cdp, shared: boolean, tell: JoinOptions['tell']): Promise<void> {
  const ms = await standstillMs(cdp);
  const what = 'What was pending before Async Lens came is not shown';
  if (ms > LONG_STANDSTILL_MS) {
    tell(`${what}: with a heap of this size the program would stand still for about ${durationText(ms)}.\n`);
    return;
  }
  await takeIn(cdp, shared).catch((error: unknown) => tell(`${what}: ${messageOf(error)}\n`));
}

/** Whether it can take in what was before. */
async function record(cdp: Cdp, patienceMs: number): Promise<boolean> {
  const expression = `${AGENT}.record?.() === false ? '${BUSY}' : ${AGENT}.adopt !== undefined`;
  return (await whenFree(cdp, expression, { patienceMs })) === true;
}

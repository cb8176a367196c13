/** Asks the program again and again whether its loop still turns; by these polls stalls are seen. */
import { pauseAfterPoll, POLL_MS } from '../protocol/polls.ts';
import { askOutcomes } from '../protocol/outcomes.ts';
import type { LinkListener } from './agent-link.ts';
import { ask, isEnding, messageOf } from './asking.ts';
import type { Cdp } from './cdp.ts';

/** How long the program may take to answer before that is told. Milliseconds. */
const SILENCE_MS = 50;

/** Polls of one program. */
export interface Polls {
  start(): void;
  /** Asks without waiting for the next time, or as soon as the answer that is still to come is there. */
  now(): void;
  stop(): void;
}

/** `leastMs`: shortest time between two polls, milliseconds; {@link Polls.now} does not wait for it. */
export function newPolls(cdp: Cdp, listener: LinkListener, isPaused: () => boolean, leastMs = 0): Polls {
  let next: NodeJS.Timeout | undefined;
  let silence: NodeJS.Timeout | undefined;
  let sentAt: number | undefined;
  let hurried = false;
  let heldBefore = false;
  let stopped = false;
  let dueAt = 0;
  const poll = async () => {
    sentAt = performance.now();
    const lateMs = Math.round(sentAt - dueAt);
    let pauseMs = POLL_MS;
    try {
      const late = lateMs < POLL_MS ? {} : { watcherLateMs: lateMs };
      const paused = isPaused();
      const answer = await ask(cdp, { request: 'poll', paused, ...late, ...(heldBefore ? { heldBefore } : {}) });
      // Of a pause we may hear only when the poll is on its way; that it was answered in there is likely then.
      heldBefore = !paused && isPaused();
      if (heldBefore) delete answer.stall;
      pauseMs = Math.max(leastMs, pauseAfterPoll(answer));
      if (!stopped) listener.onPoll(answer);
      if (answer.settled !== undefined) await tellOutcomes(cdp, listener);
    } catch (error) {
      if (stopped || !cdp.isOpen()) return;
      // A program at its end waits for its clients to leave.
      if (isEnding(error)) return cdp.close();
      listener.onEvents([{ event: 'fault', message: messageOf(error), fatal: false }]);
    }
    sentAt = undefined;
    if (hurried) pauseMs = 0;
    hurried = false;
    dueAt = performance.now() + pauseMs;
    if (!stopped) next = setTimeout(() => void poll(), pauseMs);
  };
  const pollNow = (): void => {
    clearTimeout(next);
    dueAt = performance.now();
    void poll();
  };
  const listen = (): void => {
    const ms = sentAt === undefined ? 0 : performance.now() - sentAt;
    if (ms >= SILENCE_MS && !isPaused()) listener.onSilence(ms);
  };
  return {
    start() {
      pollNow();
      silence = setInterval(listen, SILENCE_MS / 2);
    },
    now() {
      hurried = sentAt !== undefined;
      if (!hurried && !stopped && silence !== undefined) pollNow();
    },
    stop() {
      stopped = true;
      clearTimeout(next);
      clearInterval(silence);
    },
  };
}

async function tellOutcomes(cdp: Cdp, listener: LinkListener): Promise<void> {
  const outcomes = await askOutcomes((method, parameters) => cdp.send(method, parameters));
  if (outcomes.length > 0) listener.onEvents([{ event: 'outcomes', outcomes }]);
}

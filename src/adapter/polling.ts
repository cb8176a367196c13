/** Asks the program again and again whether its loop still turns; by these polls stalls are seen. */
import type { PollAnswer } from '../protocol/agent.ts';
import { AWAKE_POLL_MS, pauseAfterPoll, POLL_MS, rests } from '../protocol/polls.ts';
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
  /** The program goes on after the rest of that number. */
  awake(rest: number): void;
  stop(): void;
}

/** `leastMs`: shortest time between two polls, milliseconds; {@link Polls.now} does not wait for it. */
export function newPolls(cdp: Cdp, listener: LinkListener, isPaused: () => boolean, leastMs = 0): Polls {
  let next: NodeJS.Timeout | undefined;
  let silence: NodeJS.Timeout | undefined;
  let sentAt: number | undefined;
  let hurried = false;
  let resting = false;
  let endedRest = 0;
  let heldBefore = false;
  let started = false;
  let stopped = false;
  let dueAt = 0;
  const schedule = (ms: number): void => {
    clearTimeout(next);
    dueAt = performance.now() + ms;
    next = setTimeout(() => void poll(), ms);
  };
  const poll = async () => {
    sentAt = performance.now();
    silence ??= setInterval(listen, SILENCE_MS / 2);
    resting = false;
    const lateMs = Math.round(sentAt - dueAt);
    let answer: PollAnswer | undefined;
    try {
      const late = lateMs < POLL_MS ? {} : { watcherLateMs: lateMs };
      const paused = isPaused();
      const more = { ...late, ...(heldBefore ? { heldBefore } : {}) };
      answer = await ask(cdp, { request: 'poll', paused, mayRest: true, ...more });
      // Of a pause we may hear only when the poll is on its way; that it was answered in there is likely then.
      heldBefore = !paused && isPaused();
      if (heldBefore) delete answer.stall;
      if (!stopped) listener.onPoll(answer);
      if (answer.settled !== undefined) await tellOutcomes(cdp, listener);
    } catch (error) {
      if (stopped || !cdp.isOpen()) return;
      // A program at its end waits for its clients to leave.
      if (isEnding(error)) return cdp.close();
      listener.onEvents([{ event: 'fault', message: messageOf(error), fatal: false }]);
    }
    sentAt = undefined;
    if (stopped) return;
    resting = !hurried && rests(answer, endedRest);
    if (resting) listenNoMore();
    schedule(hurried ? 0 : Math.max(leastMs, pauseAfterPoll(answer, endedRest)));
    hurried = false;
  };
  const pollNow = (): void => {
    clearTimeout(next);
    dueAt = performance.now();
    void poll();
  };
  const listenNoMore = (): void => {
    clearInterval(silence);
    silence = undefined;
  };
  const listen = (): void => {
    const ms = sentAt === undefined ? 0 : performance.now() - sentAt;
    if (ms >= SILENCE_MS && !isPaused()) listener.onSilence(ms);
  };
  return {
    start() {
      started = true;
      pollNow();
    },
    now() {
      hurried = sentAt !== undefined;
      if (!hurried && !stopped && started) pollNow();
    },
    awake(rest) {
      endedRest = Math.max(endedRest, rest);
      if (!resting || stopped) return;
      resting = false;
      schedule(Math.max(leastMs, AWAKE_POLL_MS));
    },
    stop() {
      stopped = true;
      clearTimeout(next);
      listenNoMore();
    },
  };
}

async function tellOutcomes(cdp: Cdp, listener: LinkListener): Promise<void> {
  const outcomes = await askOutcomes((method, parameters) => cdp.send(method, parameters));
  if (outcomes.length > 0) listener.onEvents([{ event: 'outcomes', outcomes }]);
}

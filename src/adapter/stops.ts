/** Has the JavaScript debugger stop the program in a stall or before a blocking call, when the user wants that: its session gets breakpoints in the agent. */
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { AGENT_SYMBOL } from '../protocol/agent.ts';
import type { LensSettings } from '../protocol/settings.ts';
import type { LinkListener } from './agent-link.ts';
import { asJson, type Cdp, type Json } from './cdp.ts';

export interface Stops {
  set(wanted: LensSettings['stops']): void;
  /** The debugger holds the program or lets it go, for however short a time. */
  setPaused(paused: boolean): void;
  /** The same listener, with an eye on stalls. */
  listenTo(listener: LinkListener): LinkListener;
}

/** In busy code V8 stops within some milliseconds; a question that it was asked meanwhile would be where it stops. */
const PAUSE_MS = 200;
/** A stop that came about is there for longer than a moment, some time after it was asked for. Milliseconds. */
const LED_AFTER_MS = 1000;
const LED_FOR_MS = 300;
const ATTEMPTS = 3;
const GROUP = 'asyncLens/stops';

/** On the JavaScript debugger's connection. `agentFile` is among the files it skips. `isWorker`: the session is a worker thread's. */
export function createStops(cdp: Cdp, agentFile: string, isWorker: boolean): Stops {
  const agent = `globalThis[Symbol.for(${JSON.stringify(AGENT_SYMBOL)})]`;
  let blockedMs: number | undefined;
  let marked = false;
  let breakpointId: unknown;
  let updates = Promise.resolve();
  let asked = false;
  let pausedAtMs: number | undefined;
  let longestMs = 0;

  /** The name makes it a part of the agent in the debugger's eyes: not a frame to be shown. */
  const evaluate = (expression: string, more: Json = {}): Promise<Json> => {
    const named = `${expression}\n//# sourceURL=${pathToFileURL(agentFile).href}`;
    return cdp.send('Runtime.evaluate', { expression: named, silent: true, disableBreaks: true, ...more });
  };

  /** At a stop by `debug` the JavaScript debugger (1.117) goes on by itself to the first line that it doesn't skip: the one that blocks. */
  const updateStalls = async (on: boolean): Promise<void> => {
    if (isWorker || on === marked) return;
    marked = on;
    await evaluate(`${on ? 'debug' : 'undebug'}(${agent}.stopInStall)`, { includeCommandLineAPI: true });
  };

  /** At a breakpoint it doesn't go on, which would take it past the call. */
  const updateCalls = async (on: boolean): Promise<void> => {
    if (on === (breakpointId !== undefined)) return;
    if (on) {
      const { result } = await evaluate(`${agent}.stopBeforeCall`, { objectGroup: GROUP });
      const { objectId } = asJson(result);
      breakpointId = (await cdp.send('Debugger.setBreakpointOnFunctionCall', { objectId }))['breakpointId'];
    } else {
      const id = breakpointId;
      breakpointId = undefined;
      await cdp.send('Debugger.removeBreakpoint', { breakpointId: id });
    }
    await evaluate(`${agent}.stopBeforeCalls(${on})`);
  };

  /** The program looks itself, in the midst of what it does: a stall that is over does not stop it. */
  const stopIfBlocked = (): void => {
    if (asked || blockedMs === undefined) return;
    asked = true;
    (isWorker ? pauseIfBlocked(blockedMs) : evaluate(`${agent}.stopIfBlocked(${blockedMs})`, { disableBreaks: false }))
      .catch(() => undefined) // the program is ending
      .finally(() => {
        asked = false;
      });
  };

  /** In a worker the JavaScript debugger (1.117) does not stop again when it steps out of our file; so V8 is asked for a pause, right where it runs. */
  const pauseIfBlocked = async (ms: number): Promise<void> => {
    for (let i = 0; i < ATTEMPTS; i++) {
      const { result } = await evaluate(`${agent}.isToStop(${ms}${i === 0 ? '' : ', true'})`, { returnByValue: true });
      if (asJson(result)['value'] !== true) return;
      longestMs = 0;
      await cdp.sendAlone('Debugger.pause', PAUSE_MS);
      await delay(LED_AFTER_MS, undefined, { ref: false });
      // Now and then it is taken for a step on its way, or meets a question of somebody else's: the debugger goes on then.
      if (pausedAtMs !== undefined || longestMs >= LED_FOR_MS) return;
    }
  };

  return {
    set(wanted) {
      blockedMs = wanted?.blockedMs;
      const inStalls = blockedMs !== undefined;
      const beforeCalls = wanted?.beforeCalls === true;
      updates = updates
        .then(() => updateStalls(inStalls))
        .then(() => updateCalls(beforeCalls))
        .catch(() => undefined); // the program is ending
    },
    setPaused(paused) {
      const nowMs = performance.now();
      if (pausedAtMs !== undefined) longestMs = Math.max(longestMs, nowMs - pausedAtMs);
      pausedAtMs = paused ? (pausedAtMs ?? nowMs) : undefined;
    },
    listenTo: (listener) => ({
      ...listener,
      onPoll(answer) {
        listener.onPoll(answer);
        if (blockedMs !== undefined && (answer.stall?.durationMs ?? 0) >= blockedMs) stopIfBlocked();
      },
      onSilence(ms) {
        listener.onSilence(ms);
        if (blockedMs !== undefined && ms >= blockedMs) stopIfBlocked();
      },
    }),
  };
}

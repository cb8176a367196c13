/** How the watchdog's thread talks to the main thread: through an inspector session of its own. */
import inspector from 'node:inspector';
import { AGENT_SYMBOL, type AgentAnswers, type AgentRequest, type AgentResult } from '../protocol/agent.ts';
import type { Send } from '../protocol/outcomes.ts';

/** Cells of the state that both threads share. */
export const STOP = 0;
/** What is in it: the session is to be open, closed for a while, closed for good. */
export const OPEN = 0;
export const PAUSED = 1;
export const STOPPED = 2;
export const CONNECTED = 1;
/** Number of the last rest that is over. */
export const ENDED_REST = 2;

/** An agent that was interrupted at its own work is asked again so much later. Milliseconds. */
const BUSY_MS = 10;
/** The originals: the tripwires replace `wait` later. */
const { notify, store, load } = Atomics;

/** Asks the agent; `take` gets undefined when it fails. */
export type Ask = <R extends AgentRequest['request']>(
  request: Extract<AgentRequest, { request: R }>,
  take: (value: AgentAnswers[R] | undefined) => void,
) => void;

/** Resolves when the cell is no longer `from`. */
export function changed(state: Int32Array, cell: number, from: number): Promise<unknown> {
  const { waitAsync } = Atomics as unknown as {
    waitAsync: (state: Int32Array, cell: number, value: number) => { value: string | Promise<string> };
  };
  return Promise.resolve(waitAsync(state, cell, from).value);
}

/** An open session. */
export interface Connection {
  ask: Ask;
  send: Send;
}

/** Questions to the main thread; while it is blocked in native code they wait, in busy JavaScript they are answered in between. */
export function connect(state: Int32Array): Connection {
  const session = new inspector.Session();
  let isOpen = false;
  const follow = (): void => {
    store(state, CONNECTED, 1);
    const stop = load(state, STOP);
    if (stop === OPEN) {
      session.connectToMainThread();
    } else {
      session.disconnect();
      store(state, CONNECTED, 0);
      notify(state, CONNECTED);
    }
    isOpen = stop === OPEN;
    if (stop !== STOPPED) void changed(state, STOP, stop).then(follow);
  };
  follow();
  const send: Send = (method, parameters) =>
    new Promise((resolve, reject) => {
      session.post(method, parameters, (error, result) => (error === null ? resolve(result) : reject(error)));
    });
  const ask: Ask = (request, take) => {
    const json = JSON.stringify(JSON.stringify(request));
    if (!isOpen) {
      take(undefined);
      return;
    }
    const expression = `globalThis[Symbol.for('${AGENT_SYMBOL}')]?.request(${json})`;
    session.post('Runtime.evaluate', { expression, returnByValue: true }, (error, answer) => {
      const text: unknown = error === null ? answer.result.value : undefined;
      if (typeof text !== 'string') {
        take(undefined);
        return;
      }
      const result = JSON.parse(text) as AgentResult<AgentAnswers[typeof request.request]>;
      if (result.ok) take(result.value);
      else if (result.busy === true) setTimeout(ask, BUSY_MS, request, take);
      else take(undefined);
    });
  };
  return { ask, send };
}

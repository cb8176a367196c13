/** Asks the agent, and tells what kind of answer an error is. */
import { setTimeout as delay } from 'node:timers/promises';
import { AGENT_SYMBOL, type AgentAnswers, type AgentRequest, type AgentResult } from '../protocol/agent.ts';
import { asJson, type Cdp } from './cdp.ts';

/** An agent that was interrupted at its own work is asked again so much later. Milliseconds. */
const BUSY_MS = 10;

/** The expression of the agent's endpoint in the program; undefined where there is none. */
export const AGENT = `globalThis[Symbol.for(${JSON.stringify(AGENT_SYMBOL)})]`;

/** Rejects when the agent is gone, or with what it says went wrong. */
export async function ask<R extends AgentRequest>(cdp: Cdp, request: R): Promise<AgentAnswers[R['request']]> {
  const answer = await askIfPresent(cdp, request);
  if (answer === undefined) throw new Error('the agent is gone');
  return answer;
}

/** Undefined when there is no agent (yet). */
export async function askIfPresent<R extends AgentRequest>(
  cdp: Cdp,
  request: R,
): Promise<AgentAnswers[R['request']] | undefined> {
  const expression = `${AGENT}?.request(${JSON.stringify(JSON.stringify(request))})`;
  for (;;) {
    const { result } = await cdp.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      silent: true,
      disableBreaks: true,
    });
    const { value } = asJson(result);
    if (typeof value !== 'string') return undefined;
    const answer = JSON.parse(value) as AgentResult<AgentAnswers[R['request']]>;
    if (answer.ok) return answer.value;
    if (answer.busy !== true) throw new Error(answer.error);
    await delay(BUSY_MS);
  }
}

/** The JavaScript context is gone, or the connection, or the debugger's proxy, which stays open, has lost its program: nothing will run any more. */
export function isEnding(error: unknown): boolean {
  return /^(?:Cannot find (?:default execution )?context|Connection is closed|connection closed)/.test(
    messageOf(error),
  );
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

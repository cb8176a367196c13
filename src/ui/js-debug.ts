/** What Async Lens uses of the JavaScript debugger of VS Code: which sessions are programs, and the way to their inspector. */
import * as vscode from 'vscode';
import { AGENT_SYMBOL, SPOOL_VARIABLE } from '../protocol/agent.ts';
import type { AttachArguments } from '../protocol/dap.ts';

/** Session types of the JavaScript debugger that run Node programs. */
export const JS_DEBUG_TYPES = ['pwa-node', 'node-terminal'] as const;

const PROXY_LIMIT_MS = 3000;
const PROXY_RETRY_MS = 30;

/** Whether an enabled extension brings a debugger for the type. Ours adds a property to some, which makes none of them. */
export function hasDebugger(type: string): boolean {
  return vscode.extensions.all.some((extension) => {
    const { contributes } = extension.packageJSON as {
      contributes?: { debuggers?: { type?: string; label?: string }[] };
    };
    return contributes?.debuggers?.some((contribution) => contribution.type === type && contribution.label) ?? false;
  });
}

/** A configuration the JavaScript debugger made itself for one process or worker, not the user's. */
export function isTargetConfiguration(configuration: vscode.DebugConfiguration): boolean {
  return '__pendingTargetId' in configuration;
}

/** Whether the session belongs to one process or one worker thread; the root session has no threads. */
export function isTargetSession(session: vscode.DebugSession): boolean {
  return (
    JS_DEBUG_TYPES.some((type) => type === session.type) &&
    session.parentSession !== undefined &&
    isTargetConfiguration(session.configuration)
  );
}

/** Whether the session belongs to a worker thread. */
export function isWorkerSession(session: vscode.DebugSession): boolean {
  return isTargetSession(session) && /^\[worker\b/i.test(session.name);
}

/** The session of the process that a target's session belongs to: its own, or of a worker one of those above it. */
export function processOf(session: vscode.DebugSession): vscode.DebugSession {
  return isWorkerSession(session) && session.parentSession ? processOf(session.parentSession) : session;
}

/** The session the user started. */
export function rootOf(session: vscode.DebugSession): vscode.DebugSession {
  return session.parentSession ? rootOf(session.parentSession) : session;
}

/** Folder of the event files of a session's processes; undefined when they were started without the agent. */
export function spoolOf(session: vscode.DebugSession): string | undefined {
  const env: unknown = rootOf(session).configuration['env'];
  if (typeof env !== 'object' || env === null) return undefined;
  const folder: unknown = new Map<string, unknown>(Object.entries(env)).get(SPOOL_VARIABLE);
  return typeof folder === 'string' ? folder : undefined;
}

/**
 * Address of the session's CDP proxy; undefined when none answers within three seconds, or the session has ended. The JavaScript debugger learns of a new session by
 * the same event as we do, so when it is told after us it does not know the session at first, and has to be asked again.
 */
export async function requestProxy(
  session: vscode.DebugSession,
  isRunning: () => boolean,
): Promise<AttachArguments['proxy'] | undefined> {
  const endMs = Date.now() + PROXY_LIMIT_MS;
  while (Date.now() < endMs && isRunning()) {
    const proxy = await answerOf(session, endMs - Date.now());
    if (proxy) return { host: proxy.host, port: proxy.port, path: proxy.path };
    await new Promise((resolve) => setTimeout(resolve, PROXY_RETRY_MS));
  }
  return undefined;
}

/** On a session without a target the command never answers. */
async function answerOf(session: vscode.DebugSession, limitMs: number): Promise<AttachArguments['proxy'] | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  const answer = vscode.commands.executeCommand<AttachArguments['proxy'] | undefined>(
    'extension.js-debug.requestCDPProxy',
    session.id,
  );
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks a program that was started by someone else whether it carries the agent. */
export async function carriesAgent(session: vscode.DebugSession): Promise<boolean> {
  const expression = `typeof globalThis[Symbol.for('${AGENT_SYMBOL}')]`;
  try {
    const answer: unknown = await session.customRequest('evaluate', { expression, context: 'watch' });
    return typeof answer === 'object' && answer !== null && JSON.stringify(answer).includes('object');
  } catch {
    // Not ready or already gone: the same as no agent.
    return false;
  }
}

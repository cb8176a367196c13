/** Listens to what editor and debuggers tell each other: when the program is held at a breakpoint, and why a companion failed. */
import * as vscode from 'vscode';
import { DEBUG_TYPE } from '../protocol/dap.ts';
import { createEvaluations } from './evaluations.ts';
import { request } from './fetch.ts';
import { isWorkerSession, JS_DEBUG_TYPES, rootOf } from './js-debug.ts';
import { isTracing } from './settings.ts';
import type { Store } from './state.ts';

/** The parts of a DAP message that matter here. */
interface Message {
  seq?: number;
  request_seq?: number;
  type?: string;
  command?: string;
  event?: string;
  success?: boolean;
  message?: string;
  body?: { error?: { format?: string; variables?: Record<string, string> } };
}

const RELEASING = new Set([
  'continue',
  'next',
  'stepIn',
  'stepOut',
  'restartFrame',
  'restart',
  'disconnect',
  'terminate',
]);

const STEPS = new Set(['next', 'stepIn', 'stepOut']);

/** Tells every companion when the debugger of its program holds or releases it, so that a pause is not taken for a stall. */
export function registerTrackers(store: Store, log: vscode.LogOutputChannel): vscode.Disposable {
  const held = new Set<string>();
  const evaluations = createEvaluations(store, log);
  const tell = (companion: vscode.DebugSession, paused: boolean, stepping: boolean): void => {
    request(companion, 'asyncLens/debuggerState', { paused, stepping }).catch((error: unknown) =>
      log.debug(`${companion.name} was not told of the pause: ${String(error)}`),
    );
  };
  const set = (session: vscode.DebugSession, paused: boolean, stepping = false): void => {
    if (held.has(session.id) === paused) return;
    if (paused) held.add(session.id);
    else held.delete(session.id);
    for (const program of store.live()) {
      if (program.session.parentSession?.id === session.id) tell(program.session, paused, stepping);
    }
  };
  const program: vscode.DebugAdapterTrackerFactory = {
    createDebugAdapterTracker: (session) => ({
      onWillReceiveMessage: ({ type, command, seq }: Message) => {
        if (type !== 'request' || command === undefined) return;
        if (command === 'evaluate') evaluations.begin(session, seq ?? 0);
        if (RELEASING.has(command)) set(session, false, STEPS.has(command));
        // The new program comes below the same root session.
        if (command === 'restart') store.beginSession({ rootId: rootOf(session).id });
      },
      onDidSendMessage: ({ type, event, command, request_seq }: Message) => {
        if (type === 'response' && command === 'evaluate') evaluations.end(session, request_seq ?? 0);
        if (type === 'event' && event === 'stopped') set(session, true);
        if (type === 'event' && event === 'continued') set(session, false);
      },
      onWillStopSession: () => {
        held.delete(session.id);
        evaluations.forget(session);
      },
    }),
  };
  const companion: vscode.DebugAdapterTrackerFactory = {
    createDebugAdapterTracker: (session) => ({
      onWillReceiveMessage: (message: Message) => trace(log, '→', session, message),
      onDidSendMessage: (message: Message) => {
        trace(log, '←', session, message);
        if (message.type !== 'response' || (message.command !== 'attach' && message.command !== 'launch')) return;
        const parent = session.parentSession;
        if (message.success === true) {
          if (parent && held.has(parent.id)) tell(session, true, false);
        } else if (parent) {
          const reason = failure(message);
          log.error(`${parent.name} is not watched: ${reason}`);
          // One that was started without the agent, as by an environment of its own, is nothing to complain of.
          if (!isWorkerSession(parent)) store.note(`${parent.name} is not watched: ${reason}`);
        }
      },
      onError: (error) => log.error(`${session.name}: ${error.message}`),
    }),
  };
  return vscode.Disposable.from(
    ...JS_DEBUG_TYPES.map((type) => vscode.debug.registerDebugAdapterTrackerFactory(type, program)),
    vscode.debug.registerDebugAdapterTrackerFactory(DEBUG_TYPE, companion),
  );
}

function failure({ message, body }: Message): string {
  const text = body?.error?.format ?? message ?? 'the adapter gave no reason';
  const variables = new Map(Object.entries(body?.error?.variables ?? {}));
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => variables.get(name) ?? whole);
}

function trace(log: vscode.LogOutputChannel, arrow: string, session: vscode.DebugSession, message: Message): void {
  if (isTracing()) log.info(`${arrow} ${session.name} ${JSON.stringify(message)}`);
}

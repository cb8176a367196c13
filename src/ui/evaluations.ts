/** Tells the companion of a program when the JavaScript debugger evaluates an expression in it, so that the time is not taken for a stall. */
import type * as vscode from 'vscode';
import { request } from './fetch.ts';
import type { Store } from './state.ts';

export interface Evaluations {
  /** The editor has sent the request with that number. */
  begin(session: vscode.DebugSession, seq: number): void;
  /** It was answered. */
  end(session: vscode.DebugSession, seq: number): void;
  /** The session is over. */
  forget(session: vscode.DebugSession): void;
}

/** Evaluations in running programs; of several at once, as in the Watch view, the first and the last count. */
export function createEvaluations(store: Store, log: vscode.LogOutputChannel): Evaluations {
  /** Numbers of the requests that are under way, by session. */
  const open = new Map<string, Set<number>>();
  const tell = (session: vscode.DebugSession, evaluating: boolean): void => {
    for (const program of store.live()) {
      if (program.session.parentSession?.id !== session.id) continue;
      request(program.session, 'asyncLens/evaluating', { evaluating }).catch((error: unknown) =>
        log.debug(`${program.name} was not told of an evaluation: ${String(error)}`),
      );
    }
  };
  return {
    begin(session, seq) {
      const requests = open.get(session.id) ?? new Set();
      open.set(session.id, requests.add(seq));
      if (requests.size === 1) tell(session, true);
    },
    end(session, seq) {
      const requests = open.get(session.id);
      if (requests?.delete(seq) === true && requests.size === 0) tell(session, false);
    },
    forget: (session) => void open.delete(session.id),
  };
}

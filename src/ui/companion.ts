/** Starts one session of our own type below every program of the JavaScript debugger, and ends it with its program. */
import * as vscode from 'vscode';
import { DEBUG_TYPE } from '../protocol/dap.ts';
import type { AttachArguments } from '../protocol/dap.ts';
import { carriesAgent, isProgramSession, requestProxy, rootOf, spoolOf } from './js-debug.ts';
import { isEnabled, lensSettings } from './settings.ts';
import { removeSpool, sweepSpools } from './spool-folder.ts';
import { COMPANION_PREFIX } from './state.ts';
import type { Store } from './state.ts';

/** A companion that has not ended this long after its program is stopped. */
const END_LIMIT_MS = 3000;
const AGENT_TRIES = 10;
const AGENT_RETRY_MS = 200;

interface Parts {
  store: Store;
  log: vscode.LogOutputChannel;
}

/** Watches the JavaScript debugger's sessions. Disposing it stops the companions and removes the event folders. */
export function registerCompanions({ store, log }: Parts): vscode.Disposable {
  sweepSpools(log);
  /** Companion sessions that have not ended, by their own id. */
  const companions = new Map<string, vscode.DebugSession>();
  /** Programs that are running, by session id. */
  const running = new Set<string>();
  /** Event folders to remove, by root session id. */
  const spools = new Map<string, string>();

  const start = async (session: vscode.DebugSession): Promise<void> => {
    const spool = spoolOf(session);
    if (spool === undefined && !(await isJoinable(session, store))) return;
    if (spool !== undefined) spools.set(rootOf(session).id, spool);
    const proxy = await requestProxy(session);
    if (!running.has(session.id)) return;
    if (!proxy) {
      const reason = 'the JavaScript debugger gave no way to its inspector';
      log.error(`${session.name} is not watched: ${reason}.`);
      store.note(`${session.name} is not watched: ${reason}`);
      return;
    }
    const attach: AttachArguments = {
      proxy,
      ...(spool === undefined ? {} : { spool }),
      settings: lensSettings(session.workspaceFolder),
    };
    // The editor appends the name of the root session to the program's; below the program it says nothing new.
    const name = `${COMPANION_PREFIX}${session.name.split(' « ')[0]}`;
    const configuration = { type: DEBUG_TYPE, request: 'attach', name, ...attach };
    await vscode.debug.startDebugging(session.workspaceFolder, configuration, {
      parentSession: session,
      lifecycleManagedByParent: true,
      consoleMode: vscode.DebugConsoleMode.MergeWithParent,
      suppressSaveBeforeStart: true,
      suppressDebugToolbar: true,
      suppressDebugStatusbar: true,
      suppressDebugView: true,
    });
    if (!running.has(session.id)) endOf(session);
  };

  /** The JavaScript debugger's proxy stays open when its program is gone, so the adapter has to be told; it reads the last state and ends. */
  const endOf = (parent: vscode.DebugSession): void => {
    for (const companion of companions.values()) {
      if (companion.parentSession?.id !== parent.id) continue;
      companion
        .customRequest('terminate')
        .then(undefined, (error: unknown) => log.debug(`${companion.name} ends by itself: ${String(error)}`));
      setTimeout(() => {
        if (companions.has(companion.id)) void vscode.debug.stopDebugging(companion);
      }, END_LIMIT_MS);
    }
  };

  const forget = (root: vscode.DebugSession): void => {
    const spool = spools.get(root.id);
    if (spool === undefined || running.has(root.id)) return;
    if ([...companions.values()].some((companion) => rootOf(companion).id === root.id)) return;
    spools.delete(root.id);
    removeSpool(spool, log);
  };

  const subscriptions = vscode.Disposable.from(
    vscode.debug.onDidStartDebugSession((session) => {
      running.add(session.id);
      if (session.type === DEBUG_TYPE) companions.set(session.id, session);
      if (!isProgramSession(session)) return;
      start(session).catch((error: unknown) => {
        log.error(`${session.name} is not watched: ${String(error)}`);
        store.note(`${session.name} is not watched: ${String(error)}`);
      });
    }),
    vscode.debug.onDidTerminateDebugSession((session) => {
      running.delete(session.id);
      companions.delete(session.id);
      endOf(session);
      forget(rootOf(session));
    }),
  );
  return {
    dispose() {
      subscriptions.dispose();
      for (const companion of companions.values()) void vscode.debug.stopDebugging(companion);
      for (const spool of spools.values()) removeSpool(spool, log);
    },
  };
}

/** A program that was not started by a prepared configuration can be joined only if it carries the agent all the same. */
async function isJoinable(session: vscode.DebugSession, store: Store): Promise<boolean> {
  const root = rootOf(session);
  if (!isEnabled(root.workspaceFolder) || root.configuration['asyncLens'] === false) return false;
  if (root.configuration.request !== 'attach') return false;
  for (let attempt = 0; attempt < AGENT_TRIES; attempt++) {
    if (await carriesAgent(session)) return true;
    await new Promise((resolve) => setTimeout(resolve, AGENT_RETRY_MS));
  }
  store.note(`${session.name} was started without the agent: start it from a launch configuration to see its tasks`);
  return false;
}

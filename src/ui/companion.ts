/** Starts one session of our own type below every program of the JavaScript debugger, and ends it with its program. */
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { DEBUG_TYPE } from '../protocol/dap.ts';
import type { AttachArguments } from '../protocol/dap.ts';
import { leavesStacksToUs } from './async-stacks.ts';
import {
  carriesAgent,
  isTargetSession,
  isWorkerSession,
  processOf,
  requestProxy,
  rootOf,
  spoolOf,
} from './js-debug.ts';
import { readRemains } from './remains.ts';
import { isEnabled } from './settings.ts';
import type { Spools } from './spool-folder.ts';
import { COMPANION_PREFIX } from './state.ts';
import type { Store } from './state.ts';
import { workerName } from './worker-name.ts';
import { MAX_WORKERS, settingsFor, WORKER_POLL_MS } from './workers.ts';

/** A companion that has not ended this long after its program is stopped. */
const END_LIMIT_MS = 3000;
const AGENT_TRIES = 10;
const AGENT_RETRY_MS = 200;
/** The last state of a program that was joined is there this long after its end. */
const LAST_VIEW_MS = 1000;
const LOOK_MS = 100;

interface Parts {
  store: Store;
  spools: Spools;
  /** Of this extension. */
  version: string;
  log: vscode.LogOutputChannel;
}

/** Watches the JavaScript debugger's sessions. Disposing it stops the companions. */
export function registerCompanions({ store, spools, version, log }: Parts): vscode.Disposable {
  /** Companion sessions that have not ended, by their own id. */
  const companions = new Map<string, vscode.DebugSession>();
  /** Sessions that are running, by id. */
  const running = new Map<string, vscode.DebugSession>();
  /** Programs whose end is still to be told. */
  const watched = new Set<vscode.DebugSession>();
  /** To be called at the end of a program, by session id. */
  const ends = new Map<string, () => void>();

  const start = async (session: vscode.DebugSession, run: number, ended: Promise<void>): Promise<void> => {
    const spool = spoolOf(session);
    if (spool === undefined && !(await isJoinable(session))) return;
    const proxy = await requestProxy(session, () => running.has(session.id));
    if (!running.has(session.id)) return;
    if (!proxy) {
      const reason = 'the JavaScript debugger gave no way to its inspector';
      log.error(`${session.name} is not watched: ${reason}.`);
      if (!isWorkerSession(session)) store.note(`${session.name} is not watched: ${reason}`);
      return;
    }
    const stepStacks = leavesStacksToUs(rootOf(session).configuration);
    const attach = { proxy, stepStacks, ...(spool === undefined ? { late: true } : { spool }) };
    // The editor never answers when the program ends while its companion is being started.
    const late = ended.then(() => delay(END_LIMIT_MS)).then(() => false);
    const joined = await Promise.race([startCompanion(session, attach), late]);
    if (joined && !running.has(session.id)) endOf(session);
    if (!store.wasRestarted(rootOf(session).id, run)) return;
    for (const program of store.programs()) {
      if (program.session.parentSession?.id === session.id) program.replaced = true;
    }
    store.changed();
  };

  /** Shows a program that was over before it could be joined, unless the user has started something else since. */
  const tellRemains = async (session: vscode.DebugSession, run: number): Promise<void> => {
    const spool = spoolOf(session);
    if (spool === undefined || isWorkerSession(session)) return;
    const isKnown = (): boolean =>
      store.programs().some((program) => program.session.parentSession?.id === session.id && program.view);
    const limit = Date.now() + LAST_VIEW_MS;
    while (!isKnown() && Date.now() < limit) await delay(LOOK_MS);
    if (isKnown() || store.run !== run) return;
    const remains = readRemains(session, spool, version);
    if (remains) store.addEnded(session, rootOf(session).id, remains);
  };

  /** Running worker threads of the same process, itself included. */
  const workersBeside = (session: vscode.DebugSession): number =>
    [...running.values()].filter((one) => isWorkerSession(one) && processOf(one).id === processOf(session).id).length;

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

  /** Removes the folder of event files of a session, unless another one still writes to it or reads it. */
  const forget = (session: vscode.DebugSession): void => {
    const spool = spoolOf(session);
    if (spool === undefined) return;
    if (![...running.values(), ...watched].some((other) => spoolOf(other) === spool)) spools.remove(spool);
  };

  const subscriptions = vscode.Disposable.from(
    vscode.debug.onDidStartDebugSession((session) => {
      running.set(session.id, session);
      if (session.type === DEBUG_TYPE) companions.set(session.id, session);
      if (!isTargetSession(session)) return;
      if (isWorkerSession(session) && workersBeside(session) > MAX_WORKERS) {
        store.note(`Of the worker threads of ${processOf(session).name}, ${MAX_WORKERS} at a time are watched`);
        return;
      }
      const ended = new Promise<void>((resolve) => ends.set(session.id, resolve));
      const { run } = store;
      watched.add(session);
      start(session, run, ended)
        .catch((error: unknown) => {
          log.error(`${session.name} is not watched: ${String(error)}`);
          store.note(`${session.name} is not watched: ${String(error)}`);
        })
        .then(() => ended)
        .then(() => tellRemains(session, run))
        .catch((error: unknown) => log.warn(`The end of ${session.name} is not known: ${String(error)}`))
        .finally(() => {
          watched.delete(session);
          forget(session);
        });
    }),
    vscode.debug.onDidTerminateDebugSession((session) => {
      running.delete(session.id);
      ends.get(session.id)?.();
      ends.delete(session.id);
      companions.delete(session.id);
      endOf(session);
      forget(session);
    }),
  );
  return {
    dispose() {
      subscriptions.dispose();
      for (const companion of companions.values()) void vscode.debug.stopDebugging(companion);
    },
  };
}

/** False when the adapter refused. */
function startCompanion(program: vscode.DebugSession, attach: AttachArguments): Thenable<boolean> {
  // The editor appends the name of the root session to the program's; below the program it says nothing new.
  const name = `${COMPANION_PREFIX}${program.name.split(' « ')[0]}`;
  const settings = settingsFor(program);
  const threadName = workerName(program.name);
  const worker = isWorkerSession(program) ? { pollMs: WORKER_POLL_MS, ...(threadName ? { threadName } : {}) } : {};
  const configuration = { type: DEBUG_TYPE, request: 'attach', name, ...attach, ...worker, settings };
  return vscode.debug.startDebugging(program.workspaceFolder, configuration, {
    parentSession: program,
    lifecycleManagedByParent: true,
    consoleMode: vscode.DebugConsoleMode.MergeWithParent,
    suppressSaveBeforeStart: true,
    suppressDebugToolbar: true,
    suppressDebugStatusbar: true,
    suppressDebugView: true,
  });
}

/** A program that was not started by a prepared configuration is joined when the user attaches to it; its workers only if they carry the agent. */
async function isJoinable(session: vscode.DebugSession): Promise<boolean> {
  const root = rootOf(session);
  if (!isEnabled(root.workspaceFolder) || root.configuration['asyncLens'] === false) return false;
  if (root.configuration.request !== 'attach') return false;
  if (!isWorkerSession(session)) return true;
  for (let attempt = 0; attempt < AGENT_TRIES; attempt++) {
    if (await carriesAgent(session)) return true;
    await delay(AGENT_RETRY_MS);
  }
  return false;
}

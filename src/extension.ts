/** Composition root of the extension: makes the parts and hands them to each other. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { LensView } from './protocol/dap.ts';
import { registerAdapter } from './ui/adapter.ts';
import { registerChatTool } from './ui/chat-tool.ts';
import { registerCodeActions } from './ui/code-actions.ts';
import { registerCommands } from './ui/commands.ts';
import { registerCompanions } from './ui/companion.ts';
import { registerConfiguration } from './ui/configuration.ts';
import { registerDiagnostics } from './ui/diagnostics.ts';
import { createExamine } from './ui/examine.ts';
import { startFetching } from './ui/fetch.ts';
import { createRuleHelp } from './ui/rule-help.ts';
import { registerShowStall } from './ui/show-stall.ts';
import { createSpools } from './ui/spool-folder.ts';
import { createStore } from './ui/state.ts';
import { registerStallDecorations } from './ui/stall-decorations.ts';
import { watchStallLines } from './ui/stall-lines.ts';
import { registerShownStops } from './ui/shown-stops.ts';
import { registerStaticHints } from './ui/static-hints.ts';
import { registerStatus } from './ui/status.ts';
import { registerTasksView } from './ui/tasks-view.ts';
import { registerTrackers } from './ui/tracker.ts';
import { registerTurnOff } from './ui/turn-off.ts';

/** What other extensions and tests can read. */
export interface AsyncLensApi {
  /** The last known state of every program of this run, ended ones included. */
  views(): LensView[];
  onDidChange: vscode.Event<void>;
}

/** Called by the editor at the first session that Async Lens could join, or when one of its views or commands is used. */
export function activate(context: vscode.ExtensionContext): AsyncLensApi {
  const log = vscode.window.createOutputChannel('Async Lens', { log: true });
  context.subscriptions.push(log);
  try {
    return start(context, log);
  } catch (error) {
    log.error(String(error));
    void vscode.window.showErrorMessage(
      `Async Lens could not start: ${String(error)}. Debugging works without it. Details are in the output channel "Async Lens".`,
    );
    throw error;
  }
}

function start(
  { extension, extensionPath, globalState, subscriptions }: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): AsyncLensApi {
  const agent = join(extensionPath, 'dist', 'agent', 'preload.cjs');
  const adapter = join(extensionPath, 'dist', 'adapter', 'main.js');
  const { version } = extension.packageJSON as { version: string };
  const store = createStore();
  const spools = createSpools(log);
  const view = registerTasksView(store, globalState);
  const fetcher = startFetching(store, log, () => view.isVisible());
  const help = createRuleHelp(extensionPath);
  const findings = registerDiagnostics(store, help, log);
  const examine = createExamine(join(extensionPath, 'dist', 'fixes.js'));
  const stalls = watchStallLines(store);
  subscriptions.push(
    store,
    fetcher,
    view,
    help,
    findings,
    stalls,
    registerStallDecorations(stalls),
    registerCodeActions(examine),
    registerTurnOff(),
    registerShowStall(view, findings),
    registerStaticHints(examine, help, log),
    spools,
    registerStatus(store),
    registerShownStops(),
    registerChatTool(store, fetcher),
    registerAdapter(adapter),
    registerTrackers(store, log),
    registerCompanions({ store, spools, version, log }),
    registerConfiguration({ agent, store, spools, log }),
    registerCommands({ store, fetcher, findings, stalls, view, log, extensionPath }),
  );
  return {
    views: () => store.shown().flatMap((program) => (program.view ? [program.view] : [])),
    onDidChange: store.onDidChange,
  };
}

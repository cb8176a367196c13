/** The commands of the extension. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { attachToProcess, pickProcess } from './attach.ts';
import { findDeadAwaits } from './dead-awaits.ts';
import { openDemo } from './demo.ts';
import type { Findings } from './diagnostics.ts';
import type { Fetcher } from './fetch.ts';
import { request } from './fetch.ts';
import { registerReportDocuments } from './report-documents.ts';
import type { ReportDocuments } from './report-documents.ts';
import { SECTION } from './settings.ts';
import type { StallLines } from './stall-lines.ts';
import { askForStall, toggleBeforeCalls } from './stops.ts';
import type { Program, Store } from './state.ts';
import type { TasksNode } from './rows.ts';
import { TASKS_VIEWS, type TasksView } from './tasks-view.ts';
import { showWhoSettles } from './who-settles.ts';

interface Parts {
  store: Store;
  fetcher: Fetcher;
  findings: Findings;
  stalls: StallLines;
  view: TasksView;
  log: vscode.LogOutputChannel;
  extensionPath: string;
}

/** Registers all commands of the manifest. One that fails shows one message. */
export function registerCommands({
  store,
  fetcher,
  findings,
  stalls,
  view,
  log,
  extensionPath,
}: Parts): vscode.Disposable {
  const reports = registerReportDocuments();
  const commands: Record<string, (node?: TasksNode) => Promise<unknown>> = {
    refresh: async () => {
      await fetcher.refresh();
      view.redraw();
    },
    pauseUpdates: async () => store.setPaused(true),
    resumeUpdates: async () => {
      store.setPaused(false);
      await fetcher.refresh();
      view.redraw();
    },
    copyTree: () => copyTree(store),
    showReport: () => showReport(store, reports),
    whoSettles: (node) => showWhoSettles(store, node, view.tasks()),
    findDeadAwaits: () => findDeadAwaits(store),
    clearFindings: async () => {
      findings.clear();
      stalls.clear();
    },
    breakOnStall: askForStall,
    breakBeforeBlockingCall: toggleBeforeCalls,
    attach: attachToProcess,
    pickProcess,
    focus: focusTasks,
    showLog: async () => log.show(),
    openDemo: () => openDemo(join(extensionPath, 'demo')),
    enable: () => setEnabled(true),
    disable: () => setEnabled(false),
  };
  const registered = Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`${SECTION}.${name}`, async (node?: TasksNode) => {
      try {
        await run(node);
      } catch (error) {
        log.error(`${SECTION}.${name}: ${String(error)}`);
        void vscode.window.showErrorMessage(`Async Lens: ${error instanceof Error ? error.message : String(error)}`);
      }
    }),
  );
  return vscode.Disposable.from(reports, ...registered);
}

async function copyTree(store: Store): Promise<void> {
  const texts = store.shown().flatMap(({ view }) => (view ? [view.text] : []));
  if (texts.length === 0) {
    void vscode.window.showInformationMessage('Async Lens: there is no task tree yet. Start a Node.js program first.');
    return;
  }
  await vscode.env.clipboard.writeText(texts.join('\n'));
  vscode.window.setStatusBarMessage('Async Lens: task tree copied', 3000);
}

async function showReport(store: Store, reports: ReportDocuments): Promise<void> {
  const program = await pickProgram(store);
  if (!program) return;
  const report = program.report ?? (program.ended ? undefined : await request(program.session, 'asyncLens/report', {}));
  if (!report) throw new Error(`${program.name} ended before its report was taken.`);
  await reports.show(program.name, report);
}

async function pickProgram(store: Store): Promise<Program | undefined> {
  const programs = store.shown().filter(({ view }) => view);
  if (programs.length === 0) {
    void vscode.window.showInformationMessage(
      'Async Lens: there is no program to report on. Start a Node.js program first.',
    );
  }
  if (programs.length < 2) return programs[0];
  const items = programs.map((program) => ({
    label: program.name,
    description: program.ended ? 'ended' : 'running',
    program,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder: 'Report on which program?' }))?.program;
}

/** Of the two places of the tree, the one in Run and Debug is meant for debugging; it exists only while there is something to show. */
async function focusTasks(): Promise<void> {
  const inSession = vscode.debug.activeDebugSession !== undefined;
  await vscode.commands.executeCommand(`${inSession ? TASKS_VIEWS.debug : TASKS_VIEWS.own}.focus`);
}

async function setEnabled(enabled: boolean): Promise<void> {
  const target = vscode.workspace.workspaceFolders
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration(SECTION).update('enabled', enabled, target);
  const word = enabled ? 'on' : 'off';
  void vscode.window.showInformationMessage(
    `Async Lens is ${word} for this workspace, from the next debug session on.`,
  );
}

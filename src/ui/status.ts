/** The one status bar item: live tasks and loop delay while debugging, and what blocks the loop during a stall. */
import * as vscode from 'vscode';
import { shortDuration } from './duration.ts';
import { blockedText } from './stall-text.ts';
import type { Program, Store } from './state.ts';
import { isWorker } from './workers.ts';

const TICK_MS = 100;

/** Shows the item while a program is watched. */
export function registerStatus(store: Store): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('asyncLens.status', vscode.StatusBarAlignment.Left, 50);
  item.name = 'Async Lens';
  item.command = 'asyncLens.focus';
  let timer: NodeJS.Timeout | undefined;
  const show = (): void => {
    const live = store.shown().filter(({ ended, view, stall }) => !ended && (view ?? stall));
    if (live.length === 0) item.hide();
    else {
      draw(item, live);
      item.show();
    }
    const stalled = live.some(({ stall }) => stall);
    if (stalled) timer ??= setInterval(show, TICK_MS);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  };
  return vscode.Disposable.from(item, store.onDidChange(show), { dispose: () => clearInterval(timer) });
}

function draw(item: vscode.StatusBarItem, live: readonly Program[]): void {
  const stalled = live.find(({ stall }) => stall);
  if (stalled?.stall) {
    const text = blockedText(stalled.stall, Date.now());
    item.text = `$(warning) ${text}`;
    item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
    item.tooltip = `Async Lens: the event loop of ${stalled.name} does not turn.`;
    item.accessibilityInformation = { label: `Async Lens: ${text}` };
    return;
  }
  const tasks = live.reduce((sum, { view }) => sum + (view?.status.pendingTasks ?? 0), 0);
  // To be blocked is what worker threads are for.
  const processes = live.filter((program) => !isWorker(program));
  const delay = Math.max(0, ...processes.map(({ view }) => view?.status.delayMs ?? 0));
  const text = `${tasks} ${tasks === 1 ? 'task' : 'tasks'} · ${shortDuration(delay)}`;
  item.text = `$(pulse) ${text}`;
  item.backgroundColor = undefined;
  const loops = processes.map(({ name, view }) => {
    const loop = view?.status.loop;
    return loop === undefined || processes.length === 1 ? loop : `${name}: ${loop}`;
  });
  const pending = `Async Lens: ${tasks} pending async ${tasks === 1 ? 'task' : 'tasks'}.`;
  item.tooltip = [pending, ...loops].filter((line) => line !== undefined).join('\n');
  item.accessibilityInformation = { label: `Async Lens: ${text}` };
}

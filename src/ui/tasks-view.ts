/** The "Async Tasks" tree, shown in Run and Debug and in a container of its own. */
import * as vscode from 'vscode';
import { createDrawing } from './drawing.ts';
import { forestOf, keyOf } from './forest.ts';
import { findRow, type TasksNode } from './rows.ts';
import type { Store } from './state.ts';

/** Ids of the two views: in the Run and Debug side bar, and in the container of its own. */
export const TASKS_VIEWS = { debug: 'asyncLens.tasks', own: 'asyncLens.explorer' } as const;

const INTRODUCED = 'asyncLens.introduced';
/** The tree of a program at work may change while the editor looks for a row. */
const REVEAL_TRIES = 3;

export interface TasksView extends vscode.Disposable {
  isVisible(): boolean;
  /** Shows the state of now, without waiting for a good moment. */
  redraw(): void;
  /** The lines that stand for a pending task of a running program, the one that was selected last first. */
  tasks(): TasksNode[];
  /** Opens the tree with the first line that fits selected; false when there is none. */
  reveal(fits: (node: TasksNode) => boolean): Promise<boolean>;
}

/** Registers both views. `memory`: what is remembered of this user. */
export function registerTasksView(store: Store, memory: vscode.Memento): TasksView {
  let introduced: Promise<void> | undefined;
  const drawing = createDrawing(store);
  const options = { treeDataProvider: drawing.provider, showCollapseAll: true };
  const inDebug = vscode.window.createTreeView(TASKS_VIEWS.debug, options);
  const own = vscode.window.createTreeView(TASKS_VIEWS.own, options);
  const views = [inDebug, own];
  /** The editor doesn't know the selected line while it draws the tree anew, nor tells of it then. */
  let selected: string | undefined;
  const remember = (): void => {
    for (const { visible, selection } of views) if (visible) selected = selection[0]?.id ?? selected;
  };
  const selections = views.map((view) => view.onDidChangeSelection(remember));
  /** The row of what is held that was scrolled to: once for each pause, the user may look elsewhere then. */
  let shownHeld: string | undefined;
  const showHeld = (): void => {
    const isPaused = store.live().some(({ view }) => view?.state === 'paused');
    const heldId = isPaused ? findRow(forestOf(store), isHeld)?.id : undefined;
    // The editor is told of the row at once, but not of all that changes while it stays.
    const held =
      heldId === undefined || heldId === shownHeld ? undefined : findRow(drawing.rows(), ({ id }) => id === heldId);
    if (held) {
      // Revealing in a hidden view would open it.
      const again = (): void => (shownHeld = undefined);
      for (const view of views) if (view.visible) scrollTo(view, held).catch(again);
    }
    shownHeld = heldId;
  };
  const show = (): void => {
    remember();
    drawing.update();
    const count = findingCount(store);
    for (const view of views) setMessage(view, messageOf(store));
    // Run and Debug counts its sessions in the same place.
    own.badge = count === 0 ? undefined : { value: count, tooltip: `Async Lens: ${count} findings` };
    if (!introduced && store.live().some(({ view }) => view)) {
      const [first] = drawing.rows();
      if (first)
        introduced = introduce(inDebug, first, memory)
          .then(drawing.redrawAll)
          .catch(() => (introduced = undefined)); // tried again with the next state
    }
    showHeld();
    void vscode.commands.executeCommand('setContext', 'asyncLens.hasState', stateOf(store) !== 'none');
    void vscode.commands.executeCommand('setContext', 'asyncLens.paused', store.paused);
  };
  show();
  const subscriptions = vscode.Disposable.from(drawing, ...views, ...selections, store.onDidChange(show));
  return {
    isVisible: () => views.some(({ visible }) => visible),
    redraw: () => void drawing.rows(),
    tasks() {
      remember();
      return pendingTasks(store, drawing.rows()).toSorted(
        (a, b) => Number(b.id === selected) - Number(a.id === selected),
      );
    },
    async reveal(fits) {
      const view = own.visible ? own : inDebug;
      for (let tries = 1; ; tries++) {
        const node = findRow(drawing.rows(), fits);
        if (!node) return false;
        try {
          await view.reveal(node, { select: true, focus: true });
          return true;
        } catch (error) {
          // A new state came meanwhile: the row is gone.
          if (tries === REVEAL_TRIES) throw error;
        }
      }
    },
    dispose() {
      subscriptions.dispose();
    },
  };
}

/**
 * The editor starts contributed views of Run and Debug collapsed: the first program ever opens this one, later the user decides. The lines of a
 * view that is just being opened stay blank until they are fetched again.
 */
async function introduce(view: vscode.TreeView<TasksNode>, first: TasksNode, memory: vscode.Memento): Promise<void> {
  if (memory.get<boolean>(INTRODUCED) === true) return;
  await scrollTo(view, first);
  await memory.update(INTRODUCED, true);
}

/** Rejects when the editor finds another state there than the one that the row is of. */
async function scrollTo(view: vscode.TreeView<TasksNode>, row: TasksNode): Promise<void> {
  await view.reveal(row, { select: false, focus: false });
}

function pendingTasks(store: Store, rows: readonly TasksNode[]): TasksNode[] {
  const tasksIn = (row: TasksNode): TasksNode[] => [
    ...(row.item.task === undefined ? [] : [row]),
    ...row.children.flatMap(tasksIn),
  ];
  const live = new Set(store.live().map(({ key }) => key));
  return rows.flatMap(tasksIn).filter(({ id }) => live.has(keyOf(id)));
}

function isHeld({ item }: TasksNode): boolean {
  return item.kind === 'section' && item.id.endsWith('/held');
}

function findingCount(store: Store): number {
  const findings = store.shown().flatMap(({ view }) => view?.findings ?? []);
  return findings.filter(({ severity }) => severity !== 'info').length;
}

/** Setting the same message again makes the view flicker; an empty one is not shown. */
function setMessage(view: vscode.TreeView<TasksNode>, message: string): void {
  if (view.message !== message) view.message = message;
}

function messageOf(store: Store): string {
  const state = stateOf(store);
  if (state === 'live' && store.paused) return 'Updates are paused.';
  if (state === 'ended') return 'Ended. This is the last state.';
  return '';
}

function stateOf(store: Store): 'none' | 'live' | 'ended' {
  if (store.live().length > 0) return 'live';
  if (store.programs().length > 0) return 'ended';
  return 'none';
}

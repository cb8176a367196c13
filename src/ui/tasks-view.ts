/** The "Async Tasks" tree, shown in Run and Debug and in a container of its own. */
import * as vscode from 'vscode';
import type { TreeItem } from '../protocol/dap.ts';
import { createRedraw } from './redraw.ts';
import { createStallRows } from './stall-row.ts';
import type { Program, Store } from './state.ts';
import { drawItem } from './tree-item.ts';
import { parentOf } from './workers.ts';

/** Ids of the two views: in the Run and Debug side bar, and in the container of its own. */
export const TASKS_VIEWS = { debug: 'asyncLens.tasks', own: 'asyncLens.explorer' } as const;

/** A line of the tree, as its commands get it. */
export interface TasksNode {
  id: string;
  item: TreeItem;
  parent: TasksNode | undefined;
}

const INTRODUCED = 'asyncLens.introduced';
/** The tree of a program at work may change while the editor looks for a row. */
const REVEAL_TRIES = 3;

export interface TasksView extends vscode.Disposable {
  isVisible(): boolean;
  /** The lines that stand for a pending task of a running program, the one that was selected last first. */
  tasks(): TasksNode[];
  /** Opens the tree with the first line that fits selected; false when there is none. */
  reveal(fits: (node: TasksNode) => boolean): Promise<boolean>;
}

/** Registers both views. `memory`: what is remembered of this user. */
export function registerTasksView(store: Store, memory: vscode.Memento): TasksView {
  let introduced: Promise<void> | undefined;
  const changed = new vscode.EventEmitter<TasksNode | undefined>();
  const redraw = createRedraw<TasksNode>((row) => changed.fire(row));
  const stallRows = createStallRows(store, redraw.ask);
  const provider: vscode.TreeDataProvider<TasksNode> = {
    onDidChangeTreeData: changed.event,
    getChildren: (node) => {
      if (!node) return roots(store);
      const blocked = stallRows.below(node);
      const children = below(store, node);
      return blocked ? [blocked, ...children] : children;
    },
    getTreeItem: ({ item, id }) => drawItem(item, id),
    getParent: ({ parent }) => parent,
  };
  const options = { treeDataProvider: provider, showCollapseAll: true };
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
    const rows = roots(store).flatMap((row) => below(store, row));
    const held = [...rows, ...rows.filter(({ item }) => item.kind === 'process').flatMap(childrenOf)].find(isHeld);
    if (held && held.id !== shownHeld) {
      // Revealing in a hidden view would open it.
      const again = (): void => (shownHeld = undefined);
      for (const view of views) if (view.visible) scrollTo(view, held).catch(again);
    }
    shownHeld = held?.id;
  };
  const show = (): void => {
    remember();
    redraw.ask(undefined);
    const count = findingCount(store);
    for (const view of views) setMessage(view, messageOf(store));
    // Run and Debug counts its sessions in the same place.
    own.badge = count === 0 ? undefined : { value: count, tooltip: `Async Lens: ${count} findings` };
    const [first] = roots(store);
    if (first && store.live().some(({ view }) => view))
      introduced ??= introduce(inDebug, first, memory)
        .then(() => redraw.ask(undefined))
        .catch(() => (introduced = undefined)); // tried again with the next state
    showHeld();
    void vscode.commands.executeCommand('setContext', 'asyncLens.hasState', stateOf(store) !== 'none');
    void vscode.commands.executeCommand('setContext', 'asyncLens.paused', store.paused);
  };
  show();
  const subscriptions = vscode.Disposable.from(
    changed,
    redraw,
    stallRows,
    ...views,
    ...selections,
    store.onDidChange(show),
  );
  return {
    isVisible: () => views.some(({ visible }) => visible),
    tasks() {
      remember();
      return pendingTasks(store).toSorted((a, b) => Number(b.id === selected) - Number(a.id === selected));
    },
    async reveal(fits) {
      const view = own.visible ? own : inDebug;
      for (let tries = 1; ; tries++) {
        const node = firstBelow(store, roots(store), fits);
        if (!node) return false;
        try {
          await view.reveal(node, { select: true, focus: true });
          return true;
        } catch (error) {
          // A new state came meanwhile: the row is another object there, or gone.
          if (tries === REVEAL_TRIES) throw error;
        }
      }
    },
    dispose() {
      subscriptions.dispose();
    },
  };
}

function firstBelow(store: Store, nodes: TasksNode[], fits: (node: TasksNode) => boolean): TasksNode | undefined {
  for (const node of nodes) {
    const found = fits(node) ? node : firstBelow(store, below(store, node), fits);
    if (found) return found;
  }
  return undefined;
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

function roots(store: Store): TasksNode[] {
  const notes = store.notes().map((text, index): TasksNode => {
    const item: TreeItem = {
      id: '',
      kind: 'message',
      label: text,
      description: '',
      tooltip: text,
      icon: 'info',
      children: [],
    };
    return { id: `note/${index}`, item, parent: undefined };
  });
  const shown = store.shown();
  const processes = shown.filter((program) => parentOf(program, shown) === undefined);
  return [...notes, ...processes.flatMap((program) => rowsOf(program, undefined))];
}

function rowsOf({ key, view, ended, name }: Program, parent: TasksNode | undefined): TasksNode[] {
  if (!view) return [waiting(key, name, ended, parent)];
  return view.tree.map((item): TasksNode => ({
    id: `${key}/${item.id}`,
    item: ended ? asEnded(item) : item,
    parent,
  }));
}

/** The rows of the worker threads and child processes below that of the program that started them, once there is something to tell of them. */
function programRows(store: Store, node: TasksNode): TasksNode[] {
  if (node.item.kind !== 'process') return [];
  const key = keyOf(node.id);
  const shown = store.shown();
  const started = shown.filter((program) => program.view && parentOf(program, shown)?.key === key);
  return started.flatMap((program) => rowsOf(program, node));
}

/** All that lies directly below a row. */
function below(store: Store, node: TasksNode): TasksNode[] {
  return [...childrenOf(node), ...programRows(store, node)];
}

function childrenOf(parent: TasksNode): TasksNode[] {
  const key = keyOf(parent.id);
  return parent.item.children.map((item): TasksNode => ({ id: `${key}/${item.id}`, item, parent }));
}

function pendingTasks(store: Store): TasksNode[] {
  const tasksIn = (node: TasksNode): TasksNode[] => [
    ...(node.item.task === undefined ? [] : [node]),
    ...below(store, node).flatMap(tasksIn),
  ];
  const live = new Set(store.live().map(({ key }) => key));
  return roots(store)
    .filter(({ id }) => live.has(keyOf(id)))
    .flatMap(tasksIn);
}

function keyOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

function isHeld({ item }: TasksNode): boolean {
  return item.kind === 'section' && item.id.endsWith('/held');
}

function waiting(key: string, name: string, ended: boolean, parent: TasksNode | undefined): TasksNode {
  const description = ended ? 'ended before its state was known' : 'joining…';
  const icon = ended ? 'debug-stop' : 'loading~spin';
  return {
    id: `${key}/waiting`,
    item: { id: '', kind: 'process', label: name, description, icon, children: [] },
    parent,
  };
}

/** A program whose session was cut off says "running" in its last state. */
function asEnded(item: TreeItem): TreeItem {
  if (item.kind !== 'process' || item.description.includes('ended')) return item;
  return {
    ...item,
    icon: 'debug-stop',
    description: item.description.replace(/^(running|paused)/, 'ended, last known state'),
  };
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

/** Gives the editor the rows of a store, and tells it which to draw again at moments that leave time to read a tooltip and to click. */
import * as vscode from 'vscode';
import { createDueRows } from './due-rows.ts';
import { forestOf } from './forest.ts';
import { createRedraw } from './redraw.ts';
import { findRow, takeOver, type TasksNode } from './rows.ts';
import type { Store } from './state.ts';
import { drawItem, drawTooltip } from './tree-item.ts';

/** The row about a stall that goes on counts its time. Milliseconds. */
const TICK_MS = 250;
/** A tooltip takes about so long to read: its row is not drawn again meanwhile, unless the user does something. Milliseconds. */
const READING_MS = 5000;

export interface Drawing extends vscode.Disposable {
  provider: vscode.TreeDataProvider<TasksNode>;
  /** The store has changed. */
  update(): void;
  /** The rows of now, which the editor has or is told of at once: for what the user does, not for each change. */
  rows(): TasksNode[];
  /** Draws all rows again, whether they have changed or not. */
  redrawAll(): void;
}

/** Until {@link Drawing.update} is called there are no rows. */
export function createDrawing(store: Store): Drawing {
  const changed = new vscode.EventEmitter<TasksNode[] | undefined>();
  let rows: TasksNode[] = [];
  const due = createDueRows(
    () => rows,
    ({ item }) => textOf(item),
  );
  let readEnd: NodeJS.Timeout | undefined;

  const draw = (isUrgent: boolean): boolean => {
    const next = takeOver(rows, forestOf(store));
    ({ rows } = next);
    due.add(next.changed);
    const drawn = due.take(isUrgent, performance.now());
    if (drawn === 'all') changed.fire(undefined);
    else if (drawn.length > 0) changed.fire(drawn);
    return drawn.length > 0;
  };
  const redraw = createRedraw(draw);
  let state = '';
  let stalls = '';
  let ticker: NodeJS.Timeout | undefined;
  return {
    provider: {
      onDidChangeTreeData: changed.event,
      getChildren: (node) => node?.children ?? rows,
      getTreeItem: ({ item, id }) => drawItem(item, id),
      getParent: ({ parent }) => parent,
      resolveTreeItem(drawn, row) {
        const { item } = findRow(forestOf(store), ({ id }) => id === row.id) ?? row;
        due.read(row, textOf(item), performance.now());
        clearTimeout(readEnd);
        readEnd = setTimeout(() => {
          due.stopReading();
          redraw.ask('calm');
        }, READING_MS);
        drawn.tooltip = drawTooltip(item);
        return drawn;
      },
    },
    update() {
      const before = [state, stalls];
      const programs = store.shown().map(({ key, view, ended }) => [key, view?.state, ended]);
      state = JSON.stringify([store.paused, store.notes(), programs]);
      stalls = store
        .live()
        .flatMap(({ key, stall }) => (stall ? [key] : []))
        .join(' ');
      redraw.ask(state !== before[0] ? 'now' : stalls !== before[1] ? 'soon' : 'calm');
      if (stalls !== '') ticker ??= setInterval(() => redraw.ask('soon'), TICK_MS);
      else {
        clearInterval(ticker);
        ticker = undefined;
      }
    },
    rows() {
      redraw.now();
      return rows;
    },
    redrawAll() {
      due.add(undefined);
      redraw.now();
    },
    dispose() {
      changed.dispose();
      redraw.dispose();
      clearInterval(ticker);
      clearTimeout(readEnd);
    },
  };
}

function textOf({ label, description, tooltip }: TasksNode['item']): string {
  return [label, description, tooltip].join('\n');
}

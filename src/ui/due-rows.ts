/** Which rows of the tree the editor is to be told of: none while it is read, few of one parent, and those whose tooltips it keeps though they are not true any more. Pure. */
import { isWithin, type TasksNode } from './rows.ts';

/** The editor (VS Code 1.139) keeps a tooltip until its row is drawn again: what is older and not true any more is dropped. Milliseconds. */
export const TOOLTIP_MS = 30_000;
/** So many tooltips are remembered; the row of the oldest is drawn again for the next. */
const MAX_TOOLTIPS = 50;
/** The time that the editor takes for rows of one parent grows with the square of their number: the parent is drawn instead of more. */
const MAX_SIBLINGS = 50;

export interface DueRows {
  /** These look different, undefined: all. */
  add(changed: readonly TasksNode[] | undefined): void;
  /** The editor shows this text for the row, which is being read until {@link DueRows.stopReading}. */
  read(row: TasksNode, text: string, nowMs: number): void;
  stopReading(): void;
  /** What to tell of now. What would redraw the row that is being read waits, if it is not urgent. */
  take(isUrgent: boolean, nowMs: number): TasksNode[] | 'all';
}

/** `shown`: the rows of now; `textOf`: what a tooltip that was asked for now would be. */
export function createDueRows(shown: () => readonly TasksNode[], textOf: (row: TasksNode) => string): DueRows {
  let pending: Set<TasksNode> | 'all' = new Set();
  let reading: TasksNode | undefined;
  /** By row, the oldest first. */
  const tooltips = new Map<TasksNode, { text: string; atMs: number }>();

  const addTooltips = (some: Set<TasksNode>, nowMs: number): void => {
    for (const [row, { text, atMs }] of tooltips) {
      if (!isShown(row, shown())) tooltips.delete(row);
      else if (tooltips.size > MAX_TOOLTIPS || (nowMs - atMs > TOOLTIP_MS && textOf(row) !== text)) {
        tooltips.delete(row);
        some.add(row);
      }
    }
  };
  return {
    add(changed) {
      if (!changed) pending = 'all';
      else if (pending !== 'all') for (const row of changed) pending.add(row);
    },
    read(row, text, nowMs) {
      reading = row;
      tooltips.delete(row);
      tooltips.set(row, { text, atMs: nowMs });
    },
    stopReading() {
      reading = undefined;
    },
    take(isUrgent, nowMs) {
      const kept = isUrgent ? undefined : reading;
      if (pending !== 'all') {
        addTooltips(pending, nowMs);
        pending = gathered(pending);
      }
      if (pending === 'all') {
        if (kept) return [];
        pending = new Set();
        tooltips.clear();
        return 'all';
      }
      const due = [...pending].filter((row) => !kept || !isWithin(kept, row));
      for (const row of due) pending.delete(row);
      const drawn = new Set(due);
      for (const row of tooltips.keys()) if (isIn(row, drawn)) tooltips.delete(row);
      return due;
    },
  };
}

/** With a parent instead of many of its rows, and no row below another. */
function gathered(rows: ReadonlySet<TasksNode>): Set<TasksNode> | 'all' {
  const siblings = new Map<TasksNode | undefined, TasksNode[]>();
  for (const row of rows) {
    const known = siblings.get(row.parent);
    if (known) known.push(row);
    else siblings.set(row.parent, [row]);
  }
  const result = new Set<TasksNode>();
  for (const [parent, some] of siblings) {
    if (some.length <= MAX_SIBLINGS) for (const row of some) result.add(row);
    else if (parent) result.add(parent);
    else return 'all';
  }
  for (const row of result) if (row.parent && isIn(row.parent, result)) result.delete(row);
  return result;
}

/** Whether the row or one above it is among these. */
function isIn(row: TasksNode, some: ReadonlySet<TasksNode>): boolean {
  return some.has(row) || (row.parent !== undefined && isIn(row.parent, some));
}

function isShown(row: TasksNode, rows: readonly TasksNode[]): boolean {
  if (!row.parent) return rows.includes(row);
  return row.parent.children.includes(row) && isShown(row.parent, rows);
}

/** The rows of the tree: the same objects from one state to the next, and which of them look different then. Pure. */
import type { TreeItem } from '../protocol/dap.ts';

/** A line of the tree, as its commands get it. */
export interface TasksNode {
  /** Unique in the view. */
  id: string;
  item: TreeItem;
  parent: TasksNode | undefined;
  children: TasksNode[];
}

/** A row and all below it, which stand in the items themselves; `key` goes before their ids. */
export function rowOf(item: TreeItem, key: string, parent: TasksNode | undefined): TasksNode {
  const row: TasksNode = { id: `${key}/${item.id}`, item, parent, children: [] };
  row.children = item.children.map((child) => rowOf(child, key, row));
  return row;
}

/**
 * Takes the rows of a new state over into those that are shown. Answers which of these are to be drawn again, undefined: all. The editor (VS Code 1.139) draws
 * all below such a row again, too, which closes the hover of each and lets go what is about to be clicked: so it is as few as possible.
 */
export function takeOver(
  shown: readonly TasksNode[],
  now: readonly TasksNode[],
): { rows: TasksNode[]; changed: TasksNode[] | undefined } {
  const changed: TasksNode[] = [];
  const rows = merged(shown, now, undefined, changed);
  return { rows, changed: areSame(shown, now) ? changed : undefined };
}

/** An item and all below it, with the times as they were instead of rounded ones. */
export function withExactTimes({ title, summary, ...item }: TreeItem): TreeItem {
  const children = item.children.map(withExactTimes);
  // Their short texts are about other things.
  const isTimeless = item.kind === 'finding' || item.kind === 'stall' || item.kind === 'blocking-call';
  if (!isTimeless) return { ...item, children };
  return {
    ...item,
    ...(title === undefined ? {} : { title }),
    ...(summary === undefined ? {} : { summary }),
    children,
  };
}

/** Whether a row is the other one, or anywhere below it. */
export function isWithin(row: TasksNode, other: TasksNode): boolean {
  return row === other || (row.parent !== undefined && isWithin(row.parent, other));
}

/** The first row that fits, at any depth. */
export function findRow(rows: readonly TasksNode[], fits: (row: TasksNode) => boolean): TasksNode | undefined {
  for (const row of rows) {
    const found = fits(row) ? row : findRow(row.children, fits);
    if (found) return found;
  }
  return undefined;
}

function merged(
  shown: readonly TasksNode[],
  now: readonly TasksNode[],
  parent: TasksNode | undefined,
  changed: TasksNode[],
): TasksNode[] {
  const known = new Map(shown.map((row) => [row.id, row]));
  return now.map((row) => {
    const old = known.get(row.id);
    if (!old) return Object.assign(row, { parent });
    const isOther = lookOf(old.item) !== lookOf(row.item) || !areSame(old.children, row.children);
    const below: TasksNode[] = [];
    const children = merged(old.children, row.children, old, below);
    changed.push(...(isOther ? [old] : below));
    return Object.assign(old, { item: row.item, parent, children });
  });
}

function areSame(some: readonly TasksNode[], others: readonly TasksNode[]): boolean {
  return some.length === others.length && some.every(({ id }, index) => id === others[index]?.id);
}

/** What can be seen of a row without a hover, what a click does, and what its menu offers. */
function lookOf({
  kind,
  label,
  title = label,
  description,
  summary = description,
  icon,
  severity,
  collapsed,
  location,
  task,
  rule,
}: TreeItem): string {
  return JSON.stringify([kind, title, summary, icon, severity, collapsed, location, task, rule]);
}

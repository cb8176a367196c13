/** All rows of the tree for the programs of a store: each with its worker threads and child processes, and what blocks it right now. */
import { shortPlace } from '../model/place.ts';
import type { TreeItem } from '../protocol/dap.ts';
import { rowOf, withExactTimes, type TasksNode } from './rows.ts';
import { blockedText } from './stall-text.ts';
import type { Program, Store } from './state.ts';
import { parentOf } from './workers.ts';

/** New rows, notes first. */
export function forestOf(store: Store): TasksNode[] {
  const notes = store.notes().map((text, index) => rowOf(noteItem(text, index), 'note', undefined));
  const shown = store.shown();
  const processes = shown.filter((program) => parentOf(program, shown) === undefined);
  return [...notes, ...processes.flatMap((program) => rowsOf(program, shown, undefined))];
}

/** Key of the program that a row is of. */
export function keyOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

function rowsOf(program: Program, shown: readonly Program[], parent: TasksNode | undefined): TasksNode[] {
  const { key, view, ended } = program;
  const items = view ? view.tree.map((item) => (ended ? asEnded(item) : item)) : [waiting(program)];
  return items.map((item) => {
    const row = rowOf(item, key, parent);
    if (item.kind !== 'process' || !view) return row;
    const started = shown.filter((other) => other.view && parentOf(other, shown)?.key === key);
    row.children.push(...started.flatMap((other) => rowsOf(other, shown, row)));
    const blocked = parent ? undefined : blockedItem(program);
    if (blocked) row.children.unshift(rowOf(blocked, key, row));
    return row;
  });
}

/** The first row below its program while a stall goes on. */
function blockedItem({ stall, ended }: Program): TreeItem | undefined {
  if (!stall || ended) return undefined;
  const { location } = stall;
  return {
    id: 'blocked',
    kind: 'stall',
    label: blockedText(stall, Date.now()),
    description: shortPlace(location) ?? '',
    tooltip: 'The event loop does not turn: nothing else of this program can run.',
    ...(location ? { location } : {}),
    icon: 'warning',
    severity: 'warning',
    children: [],
  };
}

function noteItem(text: string, index: number): TreeItem {
  return {
    id: String(index),
    kind: 'message',
    label: text,
    description: '',
    tooltip: text,
    icon: 'info',
    children: [],
  };
}

function waiting({ name, ended }: Program): TreeItem {
  const description = ended ? 'ended before its state was known' : 'joining…';
  const icon = ended ? 'debug-stop' : 'loading~spin';
  return { id: 'waiting', kind: 'process', label: name, description, icon, children: [] };
}

/** A program whose session was cut off says "running" in its last state, and tells rounded times. */
function asEnded(item: TreeItem): TreeItem {
  if (item.kind !== 'process' || item.description.includes('ended')) return item;
  return {
    ...withExactTimes(item),
    icon: 'debug-stop',
    description: item.description.replace(/^(running|paused)/, 'ended, last known state'),
  };
}

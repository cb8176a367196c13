/** The row of the tree about a stall that goes on: the first below its program, redrawn alone while time passes. */
import type * as vscode from 'vscode';
import { shortPlace } from '../model/place.ts';
import type { TreeItem } from '../protocol/dap.ts';
import type { Program, Store } from './state.ts';
import { blockedText } from './stall-text.ts';
import type { TasksNode } from './tasks-view.ts';

const TICK_MS = 250;

export interface StallRows extends vscode.Disposable {
  /** The row below the root line of a program; undefined when its loop turns. */
  below(parent: TasksNode): TasksNode | undefined;
}

/** `redraw` is called with rows that `below` has given, the same objects. */
export function createStallRows(store: Store, redraw: (row: TasksNode) => void): StallRows {
  /** By key of the program. */
  const rows = new Map<string, TasksNode>();
  let timer: NodeJS.Timeout | undefined;
  const tick = (): void => {
    for (const program of store.live()) {
      const row = rows.get(program.key);
      const item = blockedItem(program);
      if (row && item) redraw(Object.assign(row, { item }));
    }
  };
  const watch = store.onDidChange(() => {
    const blocked = new Set(store.live().flatMap(({ key, stall }) => (stall ? [key] : [])));
    for (const key of rows.keys()) if (!blocked.has(key)) rows.delete(key);
    if (blocked.size > 0) timer ??= setInterval(tick, TICK_MS);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  });
  return {
    below(parent) {
      const program = store.live().find(({ key }) => parent.id.startsWith(`${key}/`));
      const item = program && blockedItem(program);
      if (!program || !item || parent.parent) return undefined;
      const row = rows.get(program.key) ?? { id: `${program.key}/blocked`, item, parent };
      rows.set(program.key, Object.assign(row, { item, parent }));
      return row;
    },
    dispose() {
      watch.dispose();
      clearInterval(timer);
    },
  };
}

function blockedItem({ stall }: Program): TreeItem | undefined {
  if (!stall) return undefined;
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

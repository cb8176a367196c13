/** The task rows of the tree. */
import type { TreeItem } from '../../protocol/dap.ts';
import type { Frame, WaitKind } from '../../protocol/agent.ts';
import type { ChainTask } from '../chains.ts';
import { finalWait } from '../chains.ts';
import { circleOf, isClosed } from '../cycles.ts';
import { indexRequests, type RequestIndex } from '../locks/connection-users.ts';
import { indexHolders, type TaskIndex } from '../locks/lock-holders.ts';
import { shortPlace } from '../place.ts';
import type { Sources } from '../sources.ts';
import { functionBehind, functionName, stateIcon, stateText, taskFacts } from '../task-names.ts';
import { holderItems, takenItems, userItems } from './tree-holders.ts';
import { EXACT_TIMES, type RowTimes } from '../wording/row-times.ts';
import { dotted, durationText, waitDetail } from '../wording/wording.ts';

/** `clock` is drawn as `history`, which stands for what is over. */
const ICONS: Record<WaitKind, string> = {
  timer: 'watch',
  socket: 'plug',
  server: 'server',
  fs: 'file',
  dns: 'search',
  'thread-pool': 'server-process',
  http: 'globe',
  'child-process': 'terminal',
  worker: 'server-process',
  stream: 'arrow-swap',
  event: 'bell',
  lock: 'lock',
  immediate: 'watch',
  promise: 'question',
  unknown: 'question',
};

/** Codicon of a kind of resource. */
export function waitIcon(kind: WaitKind): string {
  return ICONS[kind];
}

/** Rows of the given tasks; ids are paths below `parentId`, so a task awaited from two places has two rows. */
export function taskItems(
  tasks: readonly ChainTask[],
  parentId: string,
  sources: Sources,
  times: RowTimes,
): TreeItem[] {
  return itemsBelow(tasks, parentId, [], {
    holders: indexHolders(tasks),
    requests: indexRequests(tasks),
    sources,
    times,
  });
}

/** What all rows need. */
interface Known {
  holders: TaskIndex;
  requests: RequestIndex;
  sources: Sources;
  /** For what a view shows. */
  times: RowTimes;
}

/** What a task is called: its own name, its function, or the combinator. */
export function taskName(task: ChainTask): string {
  return task.name ?? functionName(task);
}

function itemsBelow(
  tasks: readonly ChainTask[],
  parentId: string,
  ancestors: readonly ChainTask[],
  known: Known,
): TreeItem[] {
  const used = new Set<string>();
  return tasks.map((task) => {
    let id = `${parentId}/${task.node.id}`;
    while (used.has(id)) id += '+';
    used.add(id);
    return taskItem(task, id, ancestors, known);
  });
}

function taskItem(task: ChainTask, id: string, ancestors: readonly ChainTask[], known: Known): TreeItem {
  const path = [...ancestors, task];
  const children = itemsBelow(task.children, id, path, known);
  children.push(...holderItems(task, id, path, known, taskName), ...takenItems(task, id, known));
  children.push(...userItems(task, id, known.requests, taskName));
  if (task.cycle !== undefined) children.push(cycleItem(task.cycle, id, path));
  const location = task.place?.location;
  const count = task.node.count > 1 ? ` ×${task.node.count}` : '';
  return {
    id,
    kind: 'task',
    label: `${taskName(task)}${count}`,
    ...descriptions(task, ancestors.length === 0, known.times),
    tooltip: tooltip(task, known.sources),
    ...(location === undefined ? {} : { location }),
    task: task.node.id,
    icon: isClosed(circleOf(path)) ? 'error' : icon(task),
    ...(isClosed(circleOf(path)) ? { severity: 'error' as const } : {}),
    children,
  };
}

/** As text the place comes first, so that lines are found; a narrow side bar shows only the beginning, which is then what the task waits for. */
function descriptions(task: ChainTask, isRoot: boolean, times: RowTimes): Pick<TreeItem, 'description' | 'summary'> {
  const exact = partsOf(task, isRoot, EXACT_TIMES);
  const description = dotted(exact.element, exact.where, exact.waiting, exact.more);
  const { element, waiting, where, more } = partsOf(task, isRoot, times);
  const summary = dotted(waiting, where, element, more);
  return summary === description ? { description } : { description, summary };
}

/** What a row says, in parts. */
function partsOf(
  task: ChainTask,
  isRoot: boolean,
  times: RowTimes,
): Record<'element' | 'where' | 'waiting' | 'more', string | undefined> {
  const { node, place } = task;
  const combinator = node.kind === 'combinator';
  const wait = task.children.length === 0 ? task.wait : isRoot ? finalWait(task) : undefined;
  const element = node.index === undefined ? undefined : `element ${node.index}`;
  const waiting = dotted(stateText(task), wait === undefined ? undefined : times.wait(wait.facts));
  const where = dotted(
    combinator ? pendingOf(task) : undefined,
    place?.library,
    functionBehind(task),
    combinator ? undefined : shortPlace(place?.location),
    times.age(node.oldestMs, node.fromBefore),
  );
  const more = dotted(
    node.held ? 'paused here' : undefined,
    task.via.length === 0 ? undefined : `via ${task.via.join(', ')}`,
  );
  return { element, where, waiting, more };
}

/** How many elements of one combinator are pending; of a group, of all its members. */
export function pendingOf(task: ChainTask): string {
  return `${task.children.reduce((sum, child) => sum + child.node.count, 0)} pending`;
}

function tooltip(task: ChainTask, sources: Sources): string {
  const { node, stack, wait } = task;
  const lines: string[] = [];
  if (node.count > 1) {
    lines.push(`${node.count} equal tasks, aged ${durationText(node.youngestMs)} to ${durationText(node.oldestMs)}`);
  }
  for (const frame of stack.slice(0, 10)) lines.push(frameLine(frame, sources));
  if (wait !== undefined) {
    lines.push(
      `waits for ${waitDetail(wait.facts)}${wait.confidence === 'exact' ? '' : ' (likely: told by the order of events)'}`,
    );
  }
  lines.push(...taskFacts(task));
  if (node.fromBefore === true) lines.push('It was there before Async Lens: since when is not known');
  if (node.detached === true) lines.push('Nobody awaits its promise');
  if (node.confidence === 'inferred')
    lines.push('More than one caller fitted: the place in the tree is likely, not proved');
  return lines.join('\n');
}

/** In the user's sources; Node's own modules have none. */
function frameLine(frame: Frame, sources: Sources): string {
  const { file, line, column, function: name = frame.function } = sources.locate(frame) ?? frame;
  return `at ${name || '(anonymous)'} (${file}:${line}:${column})`;
}

function icon(task: ChainTask): string {
  if (task.node.held) return 'debug-pause';
  if (task.node.kind === 'combinator') return 'list-tree';
  const state = stateIcon(task);
  if (state !== undefined) return state;
  return task.children.length === 0 && task.wait !== undefined ? waitIcon(task.wait.facts.kind) : 'circle-outline';
}

function cycleItem(cycle: number, parentId: string, path: readonly ChainTask[]): TreeItem {
  const target = path.find(({ covers }) => covers.includes(cycle));
  const location = target?.place?.location;
  const isDeadlock = isClosed(circleOf(path));
  return {
    id: `${parentId}/cycle`,
    kind: 'message',
    label: `waits for ${target === undefined ? `task ${cycle}` : taskName(target)} again${isDeadlock ? ': deadlock' : ''}`,
    description: shortPlace(location) ?? '',
    ...(location === undefined ? {} : { location }),
    icon: isDeadlock ? 'error' : 'sync',
    ...(isDeadlock ? { severity: 'error' as const } : {}),
    children: [],
  };
}

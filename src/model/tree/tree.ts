/** The tree of one program: process, findings, stalls, blocking calls, tasks and what keeps it alive. */
import type { Hello, Stall } from '../../protocol/agent.ts';
import type { TreeItem } from '../../protocol/dap.ts';
import type { Finding } from '../../protocol/report.ts';
import { heldItem } from '../async-stack.ts';
import { chainsOf } from '../chains.ts';
import { endedTasks } from '../ended.ts';
import { loopText } from '../stalls/loop.ts';
import { baseName } from '../place.ts';
import type { ProcessEnd, Program } from '../program.ts';
import { keptAliveBy } from '../program.ts';
import type { Sources } from '../sources.ts';
import { lostMs } from '../stalls/stall-groups.ts';
import { blockingItems, findingItems, severityCounts, stallItems } from './tree-activity.ts';
import { endedItems } from './tree-ended.ts';
import { poolItem } from './tree-pool.ts';
import { resourceItems } from './tree-resources.ts';
import { taskItems } from './tree-tasks.ts';
import { EXACT_TIMES, ROUGH_TIMES } from '../wording/row-times.ts';
import { dotted, durationText } from '../wording/wording.ts';

/** What the tree says beside the program's own state. */
export interface TreeOptions {
  /** Held by a debugger. */
  paused?: boolean;
  /** Lines of general information, such as processes left out. */
  notes?: readonly string[];
  /** Without the tasks that are over (default false). */
  onlyPending?: boolean;
}

/** One process item with its sections; empty sections are left out, except the tasks. */
export function buildTree(
  program: Program,
  findings: readonly Finding[],
  sources: Sources,
  options: TreeOptions = {},
): TreeItem[] {
  const { hello, snapshot } = program;
  const id = hello === undefined ? 'program' : `${hello.pid}.${hello.threadId}`;
  const blocking = blockingItems(snapshot?.blockingCalls ?? [], program.blocking, sources, `${id}/blocking-calls`);
  const isMoving = program.exit === undefined && options.paused !== true;
  const times = isMoving ? ROUGH_TIMES : EXACT_TIMES;
  const held = options.paused && program.held ? heldItem(program.held, sources, `${id}/held`) : undefined;
  const sections = [
    ...(held === undefined ? [] : [held]),
    {
      ...section(id, 'Findings', 'lightbulb', findingItems(findings, `${id}/findings`)),
      description: severityCounts(findings),
    },
    stallSection(program.stalls, sources, id),
    section(id, 'Blocking calls', 'watch', blocking),
  ].filter(({ children }) => children.length > 0);
  if (snapshot === undefined) {
    sections.push(
      message(`${id}/no-state`, program.exit === undefined ? 'No state yet' : 'It ended before its state was known'),
    );
  } else {
    const tasks = taskItems(chainsOf(snapshot, sources), `${id}/tasks`, sources, times);
    const { pendingTasks, droppedEvents, groupsLeftOut, tasksLeftOut = 0, resourcesLeftOut } = snapshot.counts;
    const left = droppedEvents > 0 ? `${droppedEvents} left out` : undefined;
    const unlisted =
      groupsLeftOut === undefined ? undefined : `${tasksLeftOut} in ${groupsLeftOut} more groups not listed`;
    sections.push({
      ...section(id, 'Tasks', 'list-tree', tasks),
      description: dotted(`${pendingTasks} pending`, left, unlisted),
      ...(left === undefined ? {} : { tooltip: LEFT_OUT }),
    });
    const pool = poolItem(snapshot, sources, `${id}/thread-pool`, times);
    if (pool !== undefined) sections.push(pool);
    const ended = section(id, 'Ended', 'history', endedItems(endedTasks(program, sources), `${id}/ended`));
    const alive = section(
      id,
      'Keeps alive',
      'pulse',
      resourceItems(keptAliveBy(program), snapshot, sources, `${id}/keeps-alive`, times),
    );
    const more = resourcesLeftOut === undefined ? undefined : `${resourcesLeftOut} more not listed`;
    const description = dotted(alive.description, more);
    if (alive.children.length > 0) sections.push({ ...alive, description, collapsed: true });
    if (ended.children.length > 0 && options.onlyPending !== true) sections.push({ ...ended, collapsed: true });
  }
  const faults = program.faults.map((fault, index) => ({
    ...message(`${id}/fault/${index}`, `Async Lens itself failed in the program: ${fault}`),
    icon: 'warning',
    severity: 'warning' as const,
  }));
  const notes = (options.notes ?? []).map((note, index) => message(`${id}/note/${index}`, note));
  return [
    {
      id,
      kind: 'process',
      label: titleOf(hello),
      // A narrow side bar cuts the end off.
      description: dotted(stateText(program, options.paused === true), ...identity(hello)),
      ...(snapshot === undefined ? {} : { tooltip: loopText(snapshot.loop) }),
      icon:
        program.exit !== undefined
          ? 'debug-stop'
          : hello !== undefined && hello.threadId > 0
            ? 'server-process'
            : 'debug-alt',
      children: [...faults, ...notes, ...sections],
    },
  ];
}

/** Short name of a program: its script, or `node`; workers by name, script and number. */
export function titleOf(hello: Hello | undefined): string {
  if (hello === undefined) return 'node';
  const script = hello.argv[1];
  const name = script === undefined ? 'node' : baseName(script);
  if (hello.threadId === 0) return name;
  const worker = `worker ${hello.threadId}`;
  const numbered = script === undefined || script === EVALUATED ? worker : `${name} ${worker}`;
  const given = hello.internal === true ? 'module loader' : hello.threadName;
  return given === undefined ? numbered : `${given} (${numbered})`;
}

/** In place of the script of a worker made from source text. */
const EVALUATED = '[worker eval]';

/** "exit code 0" or "killed by SIGKILL". */
export function endText({ code, signal }: ProcessEnd): string {
  if (signal !== null) return `killed by ${signal}`;
  if (code === CONTROL_C) return `exit code ${code} (Ctrl+C)`;
  return code === null ? 'exit code unknown' : `exit code ${code}`;
}

/** By which Windows tells that Ctrl+C has ended a program that does not handle it. */
const CONTROL_C = 0xc000013a;

function identity(hello: Hello | undefined): string[] {
  if (hello === undefined || hello.threadId > 0) return [];
  return [`pid ${hello.pid}`, `node ${hello.node}`];
}

function stateText(program: Program, paused: boolean): string {
  if (program.exit !== undefined) return `ended, ${endText(program.exit)}`;
  return paused ? 'paused' : 'running';
}

function section(parentId: string, label: string, icon: string, children: TreeItem[]): TreeItem {
  const id = `${parentId}/${label.toLowerCase().replace(' ', '-')}`;
  return { id, kind: 'section', label, description: String(children.length), icon, children };
}

const LEFT_OUT =
  'Left out are awaits whose line could not be taken down when they began (several wait for one promise, much began at once), or that are too many to show';

function stallSection(stalls: readonly Stall[], sources: Sources, parentId: string): TreeItem {
  const own = section(parentId, 'Stalls', 'stop-circle', stallItems(stalls, sources, `${parentId}/stalls`));
  const lost = lostMs(stalls);
  return lost === 0 ? own : { ...own, description: dotted(own.description, `${durationText(lost)} lost`) };
}

function message(id: string, label: string): TreeItem {
  return { id, kind: 'message', label, description: '', icon: 'info', children: [] };
}

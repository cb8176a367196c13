/** What a task is called, and what there is to say about it besides its place: state, time, who started it. */
import type { Snapshot, TaskNode } from '../protocol/agent.ts';
import type { TaskCreator } from '../protocol/tasks.ts';
import type { ChainTask } from './chains.ts';
import { framesOf, placeOf, shortPlace, type Place } from './place.ts';
import type { Sources } from './sources.ts';
import { combinatorName, durationText } from './wording/wording.ts';

/** Its function when it goes by another name. */
export function functionBehind(task: ChainTask): string | undefined {
  return task.name === undefined || task.place === undefined ? undefined : functionName(task);
}

/** Its function, or the combinator. */
export function functionName(task: ChainTask): string {
  if (task.node.kind === 'combinator') return combinatorName(task.node.combinator);
  return task.place?.name ?? (task.node.kind === 'promise' ? 'promise' : '(unknown function)');
}

/** "running" or "ready"; a task that waits says so by what it waits for. */
export function stateText({ node }: ChainTask): string | undefined {
  return node.state === 'running' || node.state === 'ready' ? node.state : undefined;
}

/** Codicon of a state other than waiting. */
export function stateIcon({ node }: ChainTask): string | undefined {
  return node.state === 'running' ? 'play' : node.state === 'ready' ? 'circle-filled' : undefined;
}

/** Lines of a tooltip. */
export function taskFacts({ node, creators }: ChainTask): string[] {
  const { state, resumptions, busyMs, names, oldestMs } = node;
  const lines: string[] = [];
  if (names !== undefined) lines.push(`among them ${names.join(', ')}`);
  if (state === 'running') lines.push('its code runs right now');
  if (state === 'ready') lines.push('what it awaited is there: its code goes on as soon as the thread is free');
  if (resumptions !== undefined && node.kind === 'async') {
    const most = node.count > 1 ? 'at most ' : '';
    lines.push(resumptions === 0 ? 'has not gone on since its first await' : `went on ${most}${times(resumptions)}`);
  }
  if (busyMs !== undefined) {
    const waiting = node.count > 1 ? '' : `, waited ${durationText(Math.max(0, oldestMs - busyMs))}`;
    lines.push(`busy for about ${durationText(busyMs)} (by samples)${waiting}`);
  }
  return [...lines, ...creators];
}

/** "started by loadOrders (shop.ts:12)", one line for each, and the place of the call when it is known. */
export function creatorLines(node: TaskNode, snapshot: Snapshot, sources: Sources): string[] {
  const { count: members, creators = [] } = node;
  const place = startPlace(node, snapshot, sources);
  const where = shortPlace(place?.location);
  const call =
    where === undefined ? [] : [`${members > 1 ? 'one of them ' : ''}started in ${place?.name ?? 'code'} (${where})`];
  const tasks = creators.map((creator) => {
    const count = members > 1 && creators.length > 1 ? `${creator.count} ` : '';
    const likely = creator.confidence === 'exact' ? '' : ', or by a call of it that is over';
    const over = creator.ended === true ? ', which has ended' : '';
    return `${count}started by ${creatorText(creator, snapshot, sources)}${over}${likely}`;
  });
  return [...tasks, ...call];
}

/** Where the oldest member known was started, by the setting `asyncLens.creationStacks`. */
export function startPlace({ startedAt }: TaskNode, snapshot: Snapshot, sources: Sources): Place | undefined {
  return startedAt === undefined ? undefined : placeOf(framesOf(startedAt, snapshot), sources);
}

function creatorText({ id, name, frame }: TaskCreator, snapshot: Snapshot, sources: Sources): string {
  const place = frame === undefined ? undefined : placeOf(framesOf([frame], snapshot), sources);
  const where = shortPlace(place?.location);
  const text = name ?? place?.name ?? `task ${id}`;
  return where === undefined ? text : `${text} (${where})`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

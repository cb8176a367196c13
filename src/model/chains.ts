/** Shortens the await chains of a snapshot to what the user wrote: library steps and nameless promises are folded into their neighbours. */
import type { Frame, Snapshot, TaskNode, Wait } from '../protocol/agent.ts';
import type { Place } from './place.ts';
import { framesOf, placeOf } from './place.ts';
import { awaitedText, elementText } from './source/awaited-text.ts';
import type { Sources } from './sources.ts';
import { creatorLines } from './task-names.ts';
import { waitOfGroup } from './wording/wording-locks.ts';

/** A task as it is shown: one row of the tree, one entry of the report. */
export interface ChainTask {
  node: TaskNode;
  /** The ids of its members and of the tasks folded into it. */
  covers: number[];
  stack: Frame[];
  /** Given by the program, or of a request. */
  name?: string;
  /** Who started it, in words. */
  creators: readonly string[];
  /** Unknown for combinators and nameless promises. */
  place?: Place;
  /** Packages whose steps were folded away. */
  via: string[];
  /** Only at the end of a chain. */
  wait?: Wait;
  /** Id of the ancestor it awaits in turn. */
  cycle?: number;
  /** Something else than what is below may settle what it awaits. */
  passed?: true;
  children: ChainTask[];
}

/** Deeper levels are left out. */
export const MAX_DEPTH = 200;

const folded = new WeakMap<Snapshot, { sources: Sources; chains: readonly ChainTask[] }>();

/** The tasks of a snapshot, folded; the same answer for the same snapshot, which must not be changed afterwards. */
export function chainsOf(snapshot: Snapshot, sources: Sources): readonly ChainTask[] {
  const known = folded.get(snapshot);
  if (known?.sources === sources) return known.chains;
  const chains = snapshot.tasks.map((node) => foldRoot(build(node, snapshot, sources, 1)));
  folded.set(snapshot, { sources, chains });
  return chains;
}

/** Calls `visit` for every task, parents first, with the ancestors from the root on. */
export function walkChains(
  tasks: readonly ChainTask[],
  visit: (task: ChainTask, ancestors: readonly ChainTask[]) => void,
  ancestors: readonly ChainTask[] = [],
): void {
  for (const task of tasks) {
    visit(task, ancestors);
    walkChains(task.children, visit, [...ancestors, task]);
  }
}

/** What a task waits for in the end, where the chain does not fork. */
export function finalWait(task: ChainTask): Wait | undefined {
  let end = task;
  for (let only = onlyChild(end); only !== undefined; only = onlyChild(end)) end = only;
  return end.children.length === 0 ? end.wait : undefined;
}

function onlyChild(task: ChainTask): ChainTask | undefined {
  return task.node.kind !== 'combinator' && task.children.length === 1 ? task.children[0] : undefined;
}

function build(node: TaskNode, snapshot: Snapshot, sources: Sources, depth: number): ChainTask {
  const stack = framesOf(node.frames, snapshot);
  const place = placeOf(stack, sources);
  const children = depth >= MAX_DEPTH ? [] : node.children.map((child) => build(child, snapshot, sources, depth + 1));
  const task: ChainTask = {
    node,
    covers: node.ids,
    stack,
    ...(node.name === undefined ? {} : { name: node.name }),
    creators: creatorLines(node, snapshot, sources),
    ...(place === undefined ? {} : { place }),
    via: librariesBefore(stack, place, sources),
    ...(node.wait === undefined ? {} : { wait: waitOfGroup(node.wait, node.count) }),
    ...(node.cycle === undefined ? {} : { cycle: node.cycle }),
    ...(node.passed === true || node.combinator === 'race' || node.combinator === 'any' ? { passed: true } : {}),
    children,
  };
  const only = onlyChild(task);
  return withExpression(only !== undefined && isStep(only, task) ? foldInto(task, only) : task, sources);
}

/** Where nobody knows what settles a promise, the source at least says what was awaited. */
function withExpression(task: ChainTask, sources: Sources): ChainTask {
  const { wait, place, node, children } = task;
  const location = place?.location;
  if (location === undefined || node.kind !== 'async') return task;
  if (wait?.facts.kind === 'promise') return expressed(task, awaitedText(location, sources));
  const [only] = children;
  if (children.length !== 1 || only?.node.kind !== 'combinator') return task;
  const elements = only.children.map((child) => {
    const {
      node: { index },
      place: own,
    } = child;
    // A call of the program's own says itself what it awaits.
    const isOwn = own !== undefined && own.library === undefined;
    return index === undefined || isOwn ? child : expressed(child, elementText(location, index, sources));
  });
  return { ...task, children: [{ ...only, children: elements }] };
}

function expressed(task: ChainTask, expression: string | undefined): ChainTask {
  const { wait } = task;
  if (expression === undefined || wait?.facts.kind !== 'promise' || task.children.length > 0) return task;
  return { ...task, wait: { ...wait, facts: { ...wait.facts, expression } } };
}

/** Whether a task that is its parent's only child says nothing of its own to the user. */
function isStep(child: ChainTask, parent: ChainTask): boolean {
  if (child.node.kind === 'combinator' || child.node.detached === true) return false;
  if (child.place === undefined) return child.node.kind === 'promise' || child.node.count === parent.node.count;
  return child.place.library !== undefined && child.node.count === parent.node.count;
}

function foldInto(parent: ChainTask, step: ChainTask): ChainTask {
  const { wait: _wait, cycle: _cycle, ...rest } = parent;
  return {
    ...rest,
    covers: [...parent.covers, ...step.covers],
    via: unique([...parent.via, step.place?.library, ...step.via]),
    ...(step.wait === undefined ? {} : { wait: step.wait }),
    ...(step.cycle === undefined ? {} : { cycle: step.cycle }),
    ...(step.passed === undefined ? {} : { passed: step.passed }),
    children: step.children,
  };
}

/** A library task at the root that only leads to one of the user's gives way to it. */
function foldRoot(root: ChainTask): ChainTask {
  const only = onlyChild(root);
  if (only === undefined || root.cycle !== undefined || only.node.count !== root.node.count) return root;
  if (root.place !== undefined && root.place.library === undefined) return root;
  if (!leadsToUser(only)) return root;
  return foldRoot({
    ...only,
    covers: [...only.covers, ...root.covers],
    via: unique([...only.via, ...root.via, root.place?.library]),
    ...(only.name === undefined && root.name !== undefined ? { name: root.name } : {}),
  });
}

function leadsToUser(task: ChainTask): boolean {
  return (task.place !== undefined && task.place.library === undefined) || task.children.some(leadsToUser);
}

function librariesBefore(stack: readonly Frame[], place: Place | undefined, sources: Sources): string[] {
  if (place === undefined || place.library !== undefined) return [];
  const before = stack.slice(
    0,
    stack.findIndex((frame) => sources.isUser(frame)),
  );
  return unique(before.map((frame) => placeOf([frame], sources)?.library));
}

function unique(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].filter((name) => name !== 'node');
}

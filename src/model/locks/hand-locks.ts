/** Finds deadlocks of locks that the program has made itself, of promises whose `resolve` waits in a queue, or that wait for one another in a chain: by the state and the source. */
import type { Snapshot } from '../../protocol/agent.ts';
import type { ChainTask } from '../chains.ts';
import { chainsOf, walkChains } from '../chains.ts';
import { importedFiles } from '../source/imported.ts';
import { lockTextOf, type LockCall, type LockText } from '../source/lock-calls.ts';
import type { Sources } from '../sources.ts';

/** A task that waits for a lock, and what it took before, each as its call is written. */
export interface HandWait {
  /** The wait itself, and the task that called. */
  task: ChainTask;
  caller: ChainTask;
  /** Whose work it is: the caller, or the task above the functions that take the locks for others. */
  by: ChainTask;
  /** Bare name of the function that gives the lock. */
  giver: string;
  wants: string;
  has: string[];
}

/** While the program runs somebody else may give back a lock; one that waits this long gets nothing any more. Milliseconds. */
const PATIENCE_MS = 2000;

/** Those who wait for one another. `isOver`: the program ran out of work, so that nobody else can give anything back; else only where all who have such a lock are known to wait. */
export function handDeadlocks(snapshot: Snapshot, sources: Sources, isOver: boolean): HandWait[][] {
  const waits: HandWait[] = [];
  walkChains(chainsOf(snapshot, sources), (task, ancestors) => {
    const wait = handWait(task, ancestors, sources);
    if (wait !== undefined) waits.push(wait);
  });
  const circles: HandWait[][] = [];
  const told = new Set<HandWait>();
  for (const wait of waits) {
    if (told.has(wait)) continue;
    const circle = circleOf(wait, waits);
    for (const each of circle) told.add(each);
    if (circle.length > 0) circles.push(circle);
  }
  return isOver ? circles : circles.filter((circle) => isForGood(circle, waits, snapshot, sources));
}

/** Of two tasks at one line each has a lock of its own kind: the same text stands for different locks. */
function circleOf(wait: HandWait, waits: readonly HandWait[]): HandWait[] {
  const { wants, has, caller } = wait;
  if (has.includes(wants) || (has.length > 0 && caller.node.count > 1)) return [wait];
  const other = waits.find((each) => {
    if (each === wait || each.has.length === 0 || has.length === 0) return false;
    const isSameLine = each.caller.place?.location?.line === caller.place?.location?.line;
    return isSameLine ? each.wants === wants : each.has.includes(wants) && has.includes(each.wants);
  });
  return other === undefined ? [] : [wait, other];
}

/** Whether nobody but those who wait themselves can have such a lock, as far as tasks and source tell. */
function isForGood(
  circle: readonly HandWait[],
  waits: readonly HandWait[],
  snapshot: Snapshot,
  sources: Sources,
): boolean {
  if (!circle.every(({ task }) => task.node.youngestMs >= PATIENCE_MS)) return false;
  const givers = new Set(circle.map(({ giver }) => giver));
  const stuck = new Set(waits.flatMap(({ task, caller }) => [task, caller]));
  const texts = new Set<LockText>();
  let isFree = false;
  walkChains(chainsOf(snapshot, sources), (task, ancestors) => {
    const text = ownText(task, sources);
    const line = task.place?.location?.line;
    if (isFree || text === undefined || line === undefined) return;
    texts.add(text);
    const isHolder = text.heldAt(line, (name) => givers.has(name)).length > 0;
    isFree = isHolder && !isStuck(task, stuck, ancestors);
  });
  return !isFree && [...texts].every((text) => [...givers].every((giver) => !text.isLeased(giver)));
}

/** Whether all that it waits for in the end is a lock. */
function isStuck(task: ChainTask, stuck: ReadonlySet<ChainTask>, ancestors: readonly ChainTask[]): boolean {
  if (stuck.has(task) || ancestors.some((above) => stuck.has(above))) return true;
  return task.children.length > 0 && task.children.every((child) => isStuck(child, stuck, []));
}

const LOCKS = /lock|acquire|mutex|semaphore|exclusive|critical/i;

function handWait(task: ChainTask, ancestors: readonly ChainTask[], sources: Sources): HandWait | undefined {
  const { children, wait, node } = task;
  const isOpen = children.length === 0 && (wait === undefined || wait.facts.kind === 'promise');
  const text = isOpen && node.kind === 'async' ? ownText(task, sources) : undefined;
  const line = task.place?.location?.line;
  if (text === undefined || line === undefined) return undefined;
  const inTurn = text.turns.has(line);
  const caller = inTurn ? ancestors.at(-1) : task;
  const from = caller === undefined ? undefined : ownText(caller, sources);
  const call = from?.callAt(caller?.place?.location?.line ?? 0);
  if (caller === undefined || from === undefined || call === undefined) return undefined;
  const name = inTurn ? (task.place?.name.split('.').at(-1) ?? '') : call.name;
  const isNamed = inTurn ? LOCKS.test(task.place?.name ?? '') : LOCKS.test(name);
  if (call.name !== name) return undefined;
  const mayBeOther = isNamed || call.endsWith.length > 0;
  const source = inTurn ? text : mayBeOther ? giverText(name, caller, from, sources) : from;
  // Queues of items and events look the same but for their names, or that who takes gives back.
  const isLock = (each: LockCall): boolean =>
    isNamed || source?.chained.has(name) === true || each.endsWith.some((method) => source?.returners.has(method));
  if (source === undefined || !isLock(call)) return undefined;
  return { task, giver: name, ...taken(task, caller, ancestors, call, isLock, sources) };
}

/** Who waits for what and has what: the caller itself, or those above it that take locks for others. */
function taken(
  task: ChainTask,
  caller: ChainTask,
  ancestors: readonly ChainTask[],
  call: LockCall,
  isLock: (call: LockCall) => boolean,
  sources: Sources,
): Pick<HandWait, 'caller' | 'by' | 'wants' | 'has'> {
  const at = (each: ChainTask): LockCall[] => {
    const calls = ownText(each, sources)?.heldAt(lineOf(each), (name) => name === call.name) ?? [];
    return calls.filter(isLock);
  };
  const own = at(caller).map(({ text }) => text);
  const above = ancestors.includes(caller) ? ancestors.slice(0, ancestors.indexOf(caller)) : ancestors;
  const outermost = own.length > 0 ? -1 : above.findIndex((each) => at(each).length > 0);
  const holder = above[outermost];
  if (holder === undefined) return { caller, by: caller, wants: call.text, has: own };
  const path = task !== caller && nameOf(task) === nameOf(holder) ? [...above, caller, task] : [...above, caller];
  const wrapped = wrappedCalls(path, holder, sources);
  if (wrapped !== undefined) return { ...wrapped, by: above[outermost - 1] ?? holder };
  const has = at(holder).map((each) =>
    isSame(each, holder, call, caller) ? each.text : `${each.text} in ${nameOf(holder)}`,
  );
  return { caller, by: holder, wants: call.text, has };
}

const lineOf = ({ place }: ChainTask): number => place?.location?.line ?? 0;
const nameOf = ({ place }: ChainTask): string => place?.name ?? '';

/** Whether two calls take the same lock, of two functions; one that calls itself may do so for another object. */
function isSame(one: LockCall, of: ChainTask, other: LockCall, caller: ChainTask): boolean {
  const [file, otherFile] = [of.place?.location?.file, caller.place?.location?.file];
  if (one.text !== other.text || one.of === undefined || file !== otherFile) return false;
  const [first, second] = [nameOf(of), nameOf(caller)];
  return one.of === 'file' || (first !== second && first.split('.')[0] === second.split('.')[0]);
}

/** Of a function that runs another one with a lock, as `withLock(name, work)`: how it was called, outside and within. */
function wrappedCalls(
  path: readonly ChainTask[],
  holder: ChainTask,
  sources: Sources,
): Pick<HandWait, 'caller' | 'wants' | 'has'> | undefined {
  const wrapper = nameOf(holder);
  const callOf = (task: ChainTask | undefined): string | undefined => {
    const call = task === undefined ? undefined : ownText(task, sources)?.callAt(lineOf(task));
    return call?.name === wrapper.split('.').at(-1) ? call?.text : undefined;
  };
  const [caller, outer] = [path.at(-2), path[path.indexOf(holder) - 1]];
  const [wants, has] = [callOf(caller), callOf(outer)];
  if (caller === undefined || outer === undefined || wants === undefined || has === undefined) return undefined;
  if (nameOf(path.at(-1) ?? holder) !== wrapper) return undefined;
  // A method that calls itself may do so for another object.
  const mayDiffer = wants === has && wants.includes('.') && nameOf(caller) === nameOf(outer);
  return { caller, wants, has: [mayDiffer ? `${has} in ${nameOf(outer)}` : has] };
}

/** The text that has the function, which need not be asynchronous: the caller's own, or one that it imports. */
function giverText(name: string, caller: ChainTask, own: LockText, sources: Sources): LockText | undefined {
  if (own.givers.has(name)) return own;
  const file = caller.place?.location?.file;
  const source = file === undefined ? undefined : sources.textOf?.(file);
  if (file === undefined || source === undefined) return undefined;
  for (const paths of importedFiles(file, source)) {
    const text = paths.map((path) => sources.textOf?.(path)).find((each) => each !== undefined);
    const read = text === undefined ? undefined : lockTextOf(text);
    if (read?.givers.has(name) === true) return read;
  }
  return undefined;
}

function ownText({ place }: ChainTask, sources: Sources): LockText | undefined {
  if (place?.location === undefined || place.library !== undefined) return undefined;
  const text = sources.textOf?.(place.location.file);
  return text === undefined ? undefined : lockTextOf(text);
}

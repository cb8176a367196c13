/** Remembers from which lines the program's async functions were seen to be called: at the first await of a call its caller is on the stack. */
import type { Frame, TaskNode } from '../../protocol/agent.ts';
import type { FrameIndex } from '../tree/members.ts';
import { isForeign } from '../stacks/origin.ts';
import { siteAt, siteOf } from '../stacks/sites.ts';
import type { CallSite } from '../stacks/stack.ts';

const MAX_FUNCTIONS = 2000;
const MAX_LINES = 8;

/** A place on a stack. */
export interface CallerSite {
  site: number;
  /** It awaited the one before. */
  isAsync: boolean;
}

/** By file and name of the function; for each line the caller and its callers, innermost first. */
const functions = new Map<string, Map<number, readonly CallerSite[]>>();

const keyOf = ({ file, function: name }: Frame): string => `${file}\n${name}`;

/** A function has come to the await with this site; `stack` is that of this moment, which begins with the function, `whole` has more of it. */
export function noteCaller(
  site: number | undefined,
  [, caller]: readonly CallSite[],
  whole: () => readonly CallSite[],
): void {
  if (site === undefined || caller === undefined || caller.isAsync()) return;
  const { frame } = siteAt(site);
  if (frame === undefined || frame.function === '' || isForeign(frame)) return;
  const key = keyOf(frame);
  let lines = functions.get(key);
  if (lines === undefined) {
    if (functions.size >= MAX_FUNCTIONS) return;
    functions.set(key, (lines = new Map<number, readonly CallerSite[]>()));
  }
  const line = siteOf(caller);
  if (lines.has(line) || lines.size >= MAX_LINES) return;
  const callers = whole().slice(1);
  lines.set(
    line,
    callers
      .filter((each) => each.getFileName() !== null)
      .map((each) => ({ site: siteOf(each), isAsync: each.isAsync() })),
  );
}

/** The callers and their callers, innermost first, of that function, a list for each line that calls it. */
export function callersOf(frame: Frame): readonly (readonly CallerSite[])[] {
  return [...(functions.get(keyOf(frame))?.values() ?? [])];
}

/** Calls that are over soon are nobody's concern. Milliseconds. */
const OLD_MS = 1000;

/** Says of tasks that nobody awaits where their function is called. */
export function addCallLines(tasks: readonly TaskNode[], frames: readonly Frame[], frameIndex: FrameIndex): void {
  if (functions.size === 0) return;
  for (const task of tasks) {
    const own = frames[task.frames[0] ?? -1];
    if (task.detached !== true || task.oldestMs < OLD_MS || own === undefined) continue;
    const lines = callersOf(own).flatMap(([line]) => (line === undefined ? [] : (frameIndex(line.site) ?? [])));
    if (lines.length > 0) task.calledFrom = lines;
  }
}

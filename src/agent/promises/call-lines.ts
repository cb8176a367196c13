/** Remembers from which lines the program's async functions were seen to be called: at the first await of a call its caller is on the stack. */
import type { Frame, TaskNode } from '../../protocol/agent.ts';
import type { SeenCall } from '../../protocol/rule-facts.ts';
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

interface CallLine {
  /** The await in the function that was called. */
  inside: number;
  /** The caller and its callers, innermost first. */
  callers: readonly CallerSite[];
  /** The line was seen to await the call. */
  isAwaited: boolean;
}

/** By file and name of the function; then by line that calls. */
const functions = new Map<string, Map<number, CallLine>>();
/** The first await of a call that was noted last: its number, and where the call stands. */
let last: { seq: number; file: string | null; lineNumber: number | null; line: CallLine } | undefined;

const keyOf = ({ file, function: name }: Frame): string => `${file}\n${name}`;

/** Await number `seq` is being made; the next promise after a call's first await is its caller's own await, if it awaits. */
export function noteAwait(seq: number, [top]: readonly CallSite[]): void {
  if (last === undefined || top === undefined || last.seq !== seq - 1) return;
  if (last.lineNumber === top.getLineNumber() && last.file === top.getFileName()) last.line.isAwaited = true;
}

/** A function has come to await number `seq` with this site; `stack` is that of this moment, which begins with the function, `whole` has more of it. */
export function noteCaller(
  seq: number,
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
    functions.set(key, (lines = new Map<number, CallLine>()));
  }
  const at = siteOf(caller);
  let line = lines.get(at);
  if (line === undefined) {
    if (lines.size >= MAX_LINES) return;
    const callers = whole()
      .slice(1)
      .filter((each) => each.getFileName() !== null)
      .map((each) => ({ site: siteOf(each), isAsync: each.isAsync() }));
    lines.set(at, (line = { inside: site, callers, isAwaited: false }));
  }
  last = { seq, file: caller.getFileName(), lineNumber: caller.getLineNumber(), line };
}

/** The callers and their callers, innermost first, of that function, a list for each line that calls it. */
export function callersOf(frame: Frame): readonly (readonly CallerSite[])[] {
  return [...(functions.get(keyOf(frame))?.values() ?? [])].map(({ callers }) => callers);
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

/** Of a CommonJS module: there nothing can be awaited (Node 20 to 26). */
function isTopLevel([, below]: readonly CallerSite[]): boolean {
  return below !== undefined && siteAt(below.site).frame?.file.startsWith('node:internal/modules/cjs/') === true;
}

const MAX_SEEN = 64;

/** Lines of the program's own that call an async function and were not seen to await it; of many the first. */
export function seenCalls(frameIndex: FrameIndex): SeenCall[] {
  const seen: SeenCall[] = [];
  for (const lines of functions.values()) {
    for (const [site, { inside, callers, isAwaited }] of lines) {
      const { frame } = siteAt(site);
      if (isAwaited || frame === undefined || isForeign(frame) || isTopLevel(callers)) continue;
      if (seen.length >= MAX_SEEN) return seen;
      const [call, within] = [frameIndex(site), frameIndex(inside)];
      if (call !== undefined && within !== undefined) seen.push({ call, inside: within });
    }
  }
  return seen;
}

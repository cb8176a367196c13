/** The stack of the program that a poll has interrupted. V8 (Node 20 to 26) lets it in only where a function is entered or a loop begins another round. */
import type { Frame } from '../../protocol/agent.ts';
import { isForeign, isNodes } from '../stacks/origin.ts';
import { captureCallSites, toFrame, type CallSite } from '../stacks/stack.ts';
import { HELD_MS, type Look } from './lateness.ts';
import type { Sample } from './samples.ts';

const STACK_DEPTH = 64;
/** Longest that stands before a function's name. */
const KEYWORDS = 'async function* '.length;

/** A look at the program. */
interface Interrupted {
  /** Innermost frame first. */
  stack: Frame[];
  /** If what held the program up has returned, this is where it came next; not where Node's own code may just go on in what it does. */
  isNext: boolean;
  /** The innermost function has only just been entered: nothing of that has run. */
  isBegun: boolean;
}

/** More than the time between two polls of a program at work: a function of the program's own seen only at its entry cannot stand for so much. Milliseconds. */
const LONG_MS = 45;

/**
 * What that says of the `ms` before the look: of a function that has only just been entered nothing has run. Where the look before has seen the program in
 * the same function (`isAgain`) it is called again and again; else all the time was somebody else's, and certain is only that its caller's was part of it.
 */
export function timeBefore(
  { stack, isNext, isBegun }: Interrupted,
  { late, isNative, isHeldUp }: Look,
  { ms, isAgain }: { ms: number; isAgain: boolean },
): Pick<Sample, 'stack' | 'late' | 'after'> {
  const [top, caller] = stack;
  const isOwn = top !== undefined && !isForeign(top);
  const isCalledByOwn = caller !== undefined && !isForeign(caller);
  if (!isBegun || !(isOwn || isCalledByOwn)) {
    const isLeaf = !late && isNext && isCalledByOwn && top !== undefined && isNodes(top);
    return { stack: isLeaf ? stack.slice(1) : stack, late, after: isNative && isNext };
  }
  const outside = isOwn && !stack.slice(1).some((frame) => !isForeign(frame)) ? stack : stack.slice(1);
  const isHeld = isNative || (!late && isHeldUp && ms > HELD_MS);
  // A function of the language may have called it before.
  const isCalledByLanguage = isOwn && caller?.line === 0;
  if (isHeld)
    return isCalledByLanguage ? { stack: outside, late: true, after: false } : { stack, late: true, after: true };
  const isDoubtful = !isAgain && ms > (isOwn ? LONG_MS : HELD_MS);
  if (late || isDoubtful) return { stack: outside, late: true, after: false };
  // V8 looks for polls in functions of Node's most of all, however short they are.
  return { stack: top !== undefined && isNodes(top) ? outside : stack, late, after: false };
}

/** Of this moment; the outermost of our frames is the inspector's nameless script that asked. */
export function interruptedStack(): Interrupted {
  const sites = captureCallSites(STACK_DEPTH);
  const stack = sites[0]?.getFileName() === '' ? sites.slice(1) : sites;
  const [top] = stack;
  const isNext = top !== undefined && (top.getFileName()?.startsWith('node:') !== true || isEntered(top));
  return { stack: stack.map(toFrame), isNext, isBegun: top !== undefined && isEntered(top) };
}

/** Whether a function has only just been entered: V8 tells the bracket of its parameters then. */
function isEntered(site: CallSite): boolean {
  if (site.getLineNumber() === null) return false;
  if (site.getLineNumber() !== site.getEnclosingLineNumber?.()) return false;
  const { length } = site.getFunctionName() ?? '';
  return (site.getColumnNumber() ?? 0) - (site.getEnclosingColumnNumber?.() ?? 0) <= length + KEYWORDS;
}

/** The stack of the program that a poll has interrupted. V8 (Node 20 to 26) lets it in only where a function is entered or a loop begins another round. */
import type { Frame } from '../../protocol/agent.ts';
import { isForeign, isNodes } from '../stacks/origin.ts';
import { captureCallSites, toFrame, type CallSite } from '../stacks/stack.ts';

const STACK_DEPTH = 64;
/** Longest that stands before a function's name. */
const KEYWORDS = 'async function* '.length;

/** A look at the program. */
interface Interrupted {
  /** Innermost frame first. */
  stack: Frame[];
  /** If what held the program up has returned, this is where it came next; not where Node's own code may just go on in what it does. */
  isNext: boolean;
}

/** Where the program is without the function of somebody else's that its own code has only just called: nothing of that has run. V8 looks for polls there most of all. */
export function withoutEntered({ stack, isNext }: Interrupted): Frame[] {
  const [top, caller] = stack;
  const isLeaf = top !== undefined && caller !== undefined && isNodes(top) && !isForeign(caller);
  return isNext && isLeaf ? stack.slice(1) : stack;
}

/** Of this moment; the outermost of our frames is the inspector's nameless script that asked. */
export function interruptedStack(): Interrupted {
  const sites = captureCallSites(STACK_DEPTH);
  const stack = sites[0]?.getFileName() === '' ? sites.slice(1) : sites;
  const [top] = stack;
  const isNext = top !== undefined && (top.getFileName()?.startsWith('node:') !== true || isEntered(top));
  return { stack: stack.map(toFrame), isNext };
}

/** Whether a function has only just been entered: V8 tells the bracket of its parameters then. */
function isEntered(site: CallSite): boolean {
  if (site.getLineNumber() !== site.getEnclosingLineNumber?.()) return false;
  const { length } = site.getFunctionName() ?? '';
  return (site.getColumnNumber() ?? 0) - (site.getEnclosingColumnNumber?.() ?? 0) <= length + KEYWORDS;
}

/** Goes on with a stack of an asynchronous call where it ends: at the function that was called first, whose callers were seen at other times. */
import type { Frame } from '../../protocol/agent.ts';
import type { Origin, RejectionFrame } from '../../protocol/rejections.ts';
import { callersOf, type CallerSite } from '../promises/call-lines.ts';
import { isForeign } from '../stacks/origin.ts';
import { siteAt } from '../stacks/sites.ts';

/** What runs reactions; below it on a stack is nothing of the program. */
const TASK_QUEUES = 'node:internal/process/task_queues';
/** Calls that are followed one after the other. */
const MAX_CALLS = 5;
/** More lines than these from which a function is called say nothing. */
const MAX_ORIGINS = 3;

/** The function that began it all; undefined when the stack tells who called that, for it was in the same turn. */
function outermost(stack: readonly Frame[]): Frame | undefined {
  const last = stack.findLast(({ file }) => file !== TASK_QUEUES);
  return last === undefined || last.function === '' || isForeign(last) ? undefined : last;
}

function framesOf(sites: readonly CallerSite[]): RejectionFrame[] {
  return sites.flatMap(({ site, isAsync }) => {
    const { frame } = siteAt(site);
    if (frame === undefined || frame.file === TASK_QUEUES) return [];
    return [{ ...frame, ...(isAsync ? { isAsync } : {}) }];
  });
}

/** Who calls the function with which this stack ends; several when it is called from several lines. */
export function originsOf(stack: readonly Frame[]): Origin[] {
  const known: RejectionFrame[] = [];
  for (let calls = 0; calls < MAX_CALLS; calls++) {
    const last = outermost(known.length > 0 ? known : stack);
    const callers = last === undefined ? [] : callersOf(last);
    const [only] = callers;
    if (callers.length > 1 && known.length === 0 && callers.length <= MAX_ORIGINS) {
      return callers.map((sites) => ({ stack: framesOf(sites) }));
    }
    if (only === undefined || callers.length > 1) break;
    known.push(...framesOf(only));
  }
  return known.length === 0 ? [] : [{ stack: known }];
}

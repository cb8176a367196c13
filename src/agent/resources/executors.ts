/** Ties a promise to the async function that was called in its executor, `new Promise(async (resolve) => ...)`: that most likely settles it, or has started what will. */
import type { Wait } from '../../protocol/agent.ts';
import { callOf, type Call, type PromiseRecord, type WaitSource } from '../promises/promise-record.ts';
import { outerLeaf, segmentNow } from '../promises/promises.ts';
import type { AwaitGraph } from '../owners/owners.ts';
import { isPromiseConstructor, type CallSite } from '../stacks/stack.ts';
import { each, type Steps } from '../tree/slices.ts';

/** Calls whose first await was made while an executor ran. */
const begunInside = new WeakSet<Call>();
let isAny = false;

/** An await has been made with this stack, of which the innermost frames are enough. */
export function noteBeginning(wait: PromiseRecord, stack: readonly CallSite[]): void {
  if (!stack.some(isPromiseConstructor)) return;
  begunInside.add(callOf(wait));
  isAny = true;
}

function isBegunInside({ call }: PromiseRecord): boolean {
  return call !== null && (begunInside.has(call) || (call.doubt !== null && begunInside.has(call.doubt.base)));
}

/** An async function suspended in `wait` that was called in the executor of `outer`, most likely. */
interface Beginning {
  wait: PromiseRecord;
  owner: PromiseRecord;
  outer: PromiseRecord;
}

/** For each promise whose executor called one async function that is suspended now, the await. */
export function* executorTasks(graph: AwaitGraph): Steps<Map<PromiseRecord, PromiseRecord>> {
  const found = new Map<PromiseRecord, PromiseRecord>();
  if (!isAny) return found;
  const beginnings: Beginning[] = [];
  yield* each(graph.awaits, (wait) => {
    if (!isBegunInside(wait)) return;
    const owner = wait.owner ?? graph.likelyOwners.get(wait);
    const outer = owner && outerOf(owner, graph);
    if (owner !== undefined && outer !== undefined) beginnings.push({ wait, owner, outer });
  });
  // What such a function calls in turn has begun in the executor, too.
  const awaited = new Set(beginnings.map(({ wait }) => wait.parent));
  const seen = new Set<PromiseRecord>();
  for (const { wait, owner, outer } of beginnings) {
    if (awaited.has(owner)) continue;
    // Of several, any may settle it.
    if (seen.has(outer)) found.delete(outer);
    else if (owner.seq - outer.seq <= NEAR) found.set(outer, wait);
    seen.add(outer);
  }
  return found;
}

/** The promise made last before that of the call, of those that are not known to be anything else. */
function outerOf({ segment, seq }: PromiseRecord, graph: AwaitGraph): PromiseRecord | undefined {
  for (const promise of graph.segments.before(segment, seq)) {
    if (seq - promise.seq > FAR) return undefined;
    if (!graph.suspendedIn.has(promise) && !graph.elements.has(promise) && promise.source === null) return promise;
  }
  return undefined;
}

/** Promises made from that of the executor to that of the call, at most; and where a further call is looked for. */
const NEAR = 4;
const FAR = 64;

/** The promise tied last to something that was made with it, and the one made before; with their numbers, for records are used again. */
let tied: PromiseRecord | null = null;
let tiedSeq = 0;
let tiedTo: WaitSource | null = null;
let before: PromiseRecord | null = null;
let beforeSeq = 0;

/** The {@link currentLeaf} seems to be what `source` will settle. It may also be the promise of an async function that is about to end. */
export function noteTie(leaf: PromiseRecord, source: WaitSource): void {
  const outer = outerLeaf();
  if (outer === null || outer.seq > leaf.seq || leaf.seq - outer.seq > NEAR) return;
  tied = leaf;
  tiedSeq = leaf.seq;
  tiedTo = source;
  before = outer;
  beforeSeq = outer.seq;
}

/** A promise with notes has settled. If it did so right where it was tied, and what it was tied to goes on, that was meant for the promise made before. */
export function tiedEnded(leaf: PromiseRecord): void {
  if (tied !== leaf || tiedSeq !== leaf.seq || tiedTo === null) return;
  tied = null;
  if (leaf.segment !== segmentNow() || tiedTo.isOver() || before?.seq !== beforeSeq || !before.isPending) return;
  if (before.source === null) before.note().source = new TiedInside(tiedTo);
}

/** What was started by an async function in the executor of a promise most likely settles that promise. */
export class TiedInside implements WaitSource {
  readonly fromPromiseFunction = false;
  /** Whatever is found later is no guess of this kind. */
  readonly isStep = true;
  readonly #source: WaitSource;

  constructor(source: WaitSource) {
    this.#source = source;
  }

  isOver(): boolean {
    return this.#source.isOver();
  }

  describe(graph?: AwaitGraph): Wait | undefined {
    const wait = this.#source.describe(graph);
    return wait && { ...wait, confidence: 'inferred' };
  }
}

/** Ties a promise to what an async function has started that was called in its executor and is over by then: that most likely settles it. */
import type { Wait } from '../../protocol/agent.ts';
import type { PromiseRecord, WaitSource } from '../promises/promise-record.ts';
import { outerLeaf, segmentNow } from '../promises/promises.ts';
import type { AwaitGraph } from '../owners/owners.ts';

/** Promises made from that of the executor to that of the call, at most. */
const NEAR = 4;

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
  readonly isGuess = true;
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

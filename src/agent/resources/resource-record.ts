/** What is kept about one timer, handle or request. */
import type { Wait, WaitFacts } from '../../protocol/agent.ts';
import { isJobAtWork } from '../pool/pool-jobs.ts';
import type { WaitSource } from '../promises/promise-record.ts';
import type { TimerLine } from '../growth/timer-growth.ts';
import { describeResource, isAlive, isOneShot, isStandardStream } from './resource-facts.ts';

/** A live object that can wake the program. */
export class ResourceRecord implements WaitSource {
  readonly id: number;
  readonly type: string;
  readonly atMs: number;
  readonly target: WeakRef<object> | null;
  /** Where it was made, innermost first; empty when the budget for stacks was spent. */
  sites: readonly number[] = [];
  /** The call that made it, when known. */
  call: WaitFacts | undefined;
  exact = false;
  fromPromiseFunction = false;
  /** It was made to settle a promise. */
  isTied = false;
  /** A task of the last snapshot waits for it. */
  isAwaited = false;
  /** Of timers: all that were made at that place, and the turn of the loop in which. */
  line: TimerLine | undefined;
  turn = 0;
  /** Node's number of it (`executionAsyncId` in its callbacks). */
  readonly asyncId: number;

  constructor(id: number, type: string, target: object | null, atMs: number, asyncId: number) {
    this.id = id;
    this.asyncId = asyncId;
    this.type = type;
    this.target = target === null ? null : new WeakRef(target);
    this.atMs = atMs;
  }

  get isGuess(): boolean {
    return !this.exact || this.isOver();
  }

  get isStep(): boolean {
    return isOneShot(this.type);
  }

  /** Its object while it can still wake the program. `requests`: those on their way, when that is to be looked at, too. */
  live(requests?: ReadonlySet<object>): object | undefined {
    const target = this.target?.deref();
    if (target === undefined || !isAlive(this.type, target)) return undefined;
    const isRequest = this.isStep && this.type !== 'Immediate';
    return isRequest && requests?.has(target) === false && !isJobAtWork(target) ? undefined : target;
  }

  /** Also where nobody can wait for it: the first output opens stdout and stderr, in whatever promise that happens. */
  isOver(): boolean {
    const target = this.live();
    return target === undefined || isStandardStream(target);
  }

  facts(target: object): WaitFacts {
    return this.call ?? describeResource(this.type, target, this.sites);
  }

  describe(): Wait | undefined {
    const target = this.live();
    if (target === undefined || isStandardStream(target)) return undefined;
    this.isAwaited = true;
    return {
      facts: this.facts(target),
      confidence: this.exact ? 'exact' : 'inferred',
      resource: this.id,
    };
  }
}

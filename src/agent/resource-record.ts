/** What is kept about one timer, handle or request. */
import type { Wait, WaitFacts } from '../protocol/agent.ts';
import type { WaitSource } from './promise-record.ts';
import { describeResource, isAlive, isOneShot } from './resource-facts.ts';

/** A live object that can wake the program. */
export class ResourceRecord implements WaitSource {
  readonly id: number;
  readonly type: string;
  readonly atMs: number;
  readonly target: WeakRef<object>;
  /** Where it was made, innermost first; empty when the budget for stacks was spent. */
  sites: number[] = [];
  /** The call that made it, when known. */
  call: WaitFacts | undefined;
  exact = false;
  fromPromiseFunction = false;
  /** Node's number of it (`executionAsyncId` in its callbacks). */
  readonly asyncId: number;

  constructor(id: number, type: string, target: object, atMs: number, asyncId: number) {
    this.id = id;
    this.asyncId = asyncId;
    this.type = type;
    this.target = new WeakRef(target);
    this.atMs = atMs;
  }

  get isStep(): boolean {
    return isOneShot(this.type);
  }

  isOver(): boolean {
    const target = this.target.deref();
    return target === undefined || !isAlive(this.type, target);
  }

  facts(target: object): WaitFacts {
    return this.call ?? describeResource(this.type, target, this.sites);
  }

  describe(): Wait | undefined {
    const target = this.target.deref();
    if (target === undefined || this.isOver()) return undefined;
    return {
      facts: this.facts(target),
      confidence: this.exact ? 'exact' : 'inferred',
      resource: this.id,
    };
  }
}

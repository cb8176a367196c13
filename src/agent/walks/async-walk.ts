/** Walks from a pending promise up to those who await it, through everything that only passes it on. */
import type { AwaitGraph } from '../owners/owners.ts';
import type { PromiseRecord } from '../promises/promise-record.ts';
import { newSegments } from '../promises/segments.ts';
import { siteAt } from '../stacks/sites.ts';
import { isThenableWrapper } from '../owners/waiters.ts';

/** Who awaits a promise. */
export interface Above {
  /** Sites of the awaiters, innermost first; begins with those given as known. */
  sites: number[];
  /** Where several await the last of them: the site of each. */
  forks: number[];
  /** What follows the known ones is only likely. */
  inferred: boolean;
}

export interface Awaiters {
  /** The promise of the async call that this await belongs to. */
  ownerOf(wait: PromiseRecord): PromiseRecord | undefined;
  /** Those above `promise`; `known` are the sites V8 has told, which win over the records. */
  above(promise: PromiseRecord, known: readonly number[]): Above;
}

const MAX_STEPS = 200;
const MAX_FORKS = 20;

/** What an await or `then` leads to: a line, the promise to go on from, or both. */
interface Step {
  site: number | undefined;
  next: PromiseRecord | undefined;
  inferred: boolean;
}

/** A line taken from the stack is at the awaited expression, V8's at the `await`. */
function isBetter([told]: readonly number[], { chain, sampled }: PromiseRecord): boolean {
  if (told === undefined || (chain !== null && !sampled)) return false;
  const known = chain?.[0];
  if (known === undefined || known === told) return true;
  const [one, other] = [siteAt(known).frame, siteAt(told).frame];
  return one?.file === other?.file && one?.function === other?.function;
}

/** `records` are all pending promises, and `graph` what is known of them. */
export function newAwaiters(records: readonly PromiseRecord[], graph: AwaitGraph): Awaiters {
  const waiters = new Map<PromiseRecord, PromiseRecord[]>();
  for (const record of records) {
    if (record.parent === null || isThenableWrapper(record)) continue;
    const known = waiters.get(record.parent);
    if (known === undefined) waiters.set(record.parent, [record]);
    else known.push(record);
  }
  const owners = new Map([...graph.suspendedIn.entries()].map(([owner, wait]) => [wait, owner]));
  const combinators = new Map<PromiseRecord, PromiseRecord>();
  for (const [combinator, elements] of graph.elements) {
    for (const element of elements) combinators.set(element, combinator);
  }
  const settles = new Map([...graph.settledBy].map(([promise, wait]) => [wait, promise]));

  const segments = newSegments(records.filter(({ derived }) => !derived));

  /** The promise of a call is made right before its first await. */
  function nearest(wait: PromiseRecord): PromiseRecord | undefined {
    const { segment, seq } = wait.call ?? wait;
    for (const candidate of segments.before(segment, seq)) {
      if (candidate !== wait.parent && !graph.elements.has(candidate) && !graph.suspendedIn.has(candidate))
        return candidate;
    }
    return undefined;
  }

  const knownOwner = (wait: PromiseRecord): PromiseRecord | undefined =>
    owners.get(wait) ?? wait.owner ?? wait.call?.owner ?? undefined;
  const ownerOf = (wait: PromiseRecord): PromiseRecord | undefined =>
    knownOwner(wait) ?? settles.get(wait) ?? nearest(wait);

  /** `told`: V8's sites from this await on, which save a probe. */
  function step(wait: PromiseRecord, told: readonly number[] = []): Step {
    if (wait.waiters === 0 && isBetter(told, wait)) {
      const notes = wait.note();
      notes.chain = told;
      notes.sampled = false;
    }
    const site = wait.chain?.[0];
    const combinator = combinators.get(wait);
    if (combinator !== undefined) {
      const named = site !== undefined && !graph.raced.has(wait) && siteAt(site).combinator !== undefined;
      return { site: named ? site : undefined, next: combinator, inferred: false };
    }
    if (wait.link) return { site: undefined, next: wait.call?.owner ?? undefined, inferred: false };
    if (wait.waiters > 0) return { site: undefined, next: wait, inferred: false };
    if (site === undefined) return { site, next: undefined, inferred: false };
    return { site, next: ownerOf(wait), inferred: graph.inferred.has(wait) || knownOwner(wait) === undefined };
  }

  /** The first line on the way up from one of several waiters. */
  function firstSite(wait: PromiseRecord): number | undefined {
    let from: PromiseRecord | undefined = wait;
    for (let hops = 0; from !== undefined && hops < MAX_STEPS; hops++) {
      const { site, next }: Step = step(from);
      if (site !== undefined) return site;
      const [only, second] = (next && waiters.get(next)) ?? [];
      from = second === undefined ? only : undefined;
    }
    return undefined;
  }

  function above(promise: PromiseRecord, known: readonly number[]): Above {
    const found: Above = { sites: [], forks: [], inferred: false };
    const seen = new Set<PromiseRecord>();
    let at: PromiseRecord | undefined = promise;
    while (at !== undefined && !seen.has(at) && seen.size < MAX_STEPS) {
      seen.add(at);
      const [wait, ...others]: PromiseRecord[] = waiters.get(at) ?? [];
      if (wait === undefined) break;
      if (others.length > 0) {
        const sites = [wait, ...others].map(firstSite).filter((site) => site !== undefined);
        found.forks = sites.slice(0, MAX_FORKS);
        break;
      }
      const { site, next, inferred }: Step = step(wait, known.slice(found.sites.length));
      if (site !== undefined) found.sites.push(site);
      if (inferred && found.sites.length >= known.length) found.inferred = true;
      at = next;
    }
    // V8 saw it all; the records went another way, so that nothing they say counts.
    if (!known.every((site, i) => found.sites[i] === site)) return { sites: [...known], forks: [], inferred: false };
    return found;
  }

  return {
    ownerOf,
    above,
  };
}

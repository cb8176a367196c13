/** Interns the places where code is suspended, so that a record holds small numbers and a snapshot one table of frames. */
import type { Combinator, Frame } from '../protocol/agent.ts';
import { toFrame, type CallSite } from './stack.ts';

/** A line of an awaiter chain: a function's await, or an element of a combinator. */
export interface Site {
  id: number;
  frame?: Frame;
  combinator?: Combinator;
  /** Element index, for a combinator. */
  index?: number;
}

const sites: Site[] = [];
const byKey = new Map<string, Site>();
const COMBINATORS: readonly string[] = ['all', 'allSettled', 'any', 'race'] satisfies Combinator[];

function intern(key: string, make: () => Omit<Site, 'id'>): number {
  let site = byKey.get(key);
  if (site === undefined) {
    site = { id: sites.length, ...make() };
    sites.push(site);
    byKey.set(key, site);
  }
  return site.id;
}

/** The number of a call site; equal places have equal numbers for the life of the process. */
export function siteOf(callSite: CallSite): number {
  const index = callSite.getPromiseIndex();
  const name = callSite.getFunctionName() ?? '';
  if (index !== null && COMBINATORS.includes(name)) {
    return intern(`${name}#${index}`, () => ({ combinator: name as Combinator, index }));
  }
  const key = `${callSite.getFileName()}:${callSite.getLineNumber()}:${callSite.getColumnNumber()}:${name}`;
  return intern(key, () => ({ frame: toFrame(callSite) }));
}

/** The site for an element of a combinator whose index is not known; undefined when `name` is none. */
export function combinatorSite(name: string | null): number | undefined {
  if (name === null || !COMBINATORS.includes(name)) return undefined;
  return intern(`${name}#`, () => ({ combinator: name as Combinator }));
}

/** The site of a number given out by {@link siteOf}. */
export function siteAt(id: number): Site {
  const site = sites[id];
  if (site === undefined) throw new RangeError(`no site ${id}`);
  return site;
}

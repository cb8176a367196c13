/** Interns the places where code is suspended, so that a record holds small numbers and a snapshot one table of frames. */
import type { Combinator, Frame } from '../../protocol/agent.ts';
import { toFrame, type CallSite } from './stack.ts';

/** A line of an awaiter chain: a function's await, or an element of a combinator. */
export interface Site {
  id: number;
  frame?: Frame;
  /** In one of Node's own functions, such as its module loader: no place of the program. */
  isNodes: boolean;
  /** A compiled function, of whose lines V8 knows nothing: where it begins. */
  isFunction?: true;
  /** Outside of functions, in an ES module: the await is of no call. */
  isModule?: true;
  combinator?: Combinator;
  /** Element index, for a combinator. */
  index?: number;
}

const sites: Site[] = [];
const byKey = new Map<string, Site>();
const COMBINATORS: readonly string[] = ['all', 'allSettled', 'any', 'race'] satisfies Combinator[];

function intern(key: string, make: () => Omit<Site, 'id' | 'isNodes'>): number {
  let site = byKey.get(key);
  if (site === undefined) {
    const made = make();
    site = { id: sites.length, isNodes: made.frame?.file.startsWith('node:') === true, ...made };
    sites.push(site);
    byKey.set(key, site);
  }
  return site.id;
}

const lineKey = (callSite: CallSite): string =>
  `${callSite.getFileName()}:${callSite.getLineNumber()}:${callSite.getFunctionName() ?? ''}`;

/** For each line the only await seen there by V8's walker; null when there are more. */
const awaitOnLine = new Map<string, number | null>();
/** Those that are in it: to ask V8 once more for each of 100,000 frames takes as long as the rest. */
const noted = new Set<number>();

/** The number of a call site; equal places have equal numbers for the life of the process. */
export function siteOf(callSite: CallSite): number {
  const index = callSite.getPromiseIndex();
  const name = callSite.getFunctionName() ?? '';
  if (index !== null && COMBINATORS.includes(name)) {
    return intern(`${name}#${index}`, () => ({ combinator: name as Combinator, index }));
  }
  const key = `${callSite.getFileName()}:${callSite.getLineNumber()}:${callSite.getColumnNumber()}:${name}`;
  const site = intern(key, () => {
    const frame = toFrame(callSite);
    return isModuleCode(callSite, name) ? { frame, isModule: true } : { frame };
  });
  if (!noted.has(site) && callSite.isAsync()) {
    noted.add(site);
    const line = lineKey(callSite);
    const known = awaitOnLine.get(line);
    if (known === undefined) awaitOnLine.set(line, site);
    else if (known !== site) awaitOnLine.set(line, null);
  }
  return site;
}

/** A module's own code begins where its text does; a function without a name begins later, with its parameters. */
const isModuleCode = (callSite: CallSite, name: string): boolean =>
  name === '' &&
  callSite.isAsync() &&
  callSite.getEnclosingLineNumber?.() === 1 &&
  callSite.getEnclosingColumnNumber?.() === 1 &&
  isUrl(callSite.getFileName() ?? '');

/** As an ES module has one; a script that `node:vm` runs can begin with a function, and has a path. No regular expression: code of the program may be running. */
function isUrl(file: string): boolean {
  const colon = file.indexOf(':');
  // A letter alone is a drive.
  return colon > 1 && !file.slice(0, colon).includes('/');
}

/** The number of a place that somebody else has told. */
export function siteOfFrame(frame: Frame): number {
  return intern(`${frame.file}:${frame.line}:${frame.column}:${frame.function}`, () => ({ frame }));
}

/** The number of a compiled function that awaits by means of a helper. */
export function functionSite(callSite: CallSite): number {
  return intern(`function ${lineKey(callSite)}`, () => ({ frame: toFrame(callSite), isFunction: true }));
}

/** The number of the await that a function has just reached: its frame on the stack is at the awaited expression, not at the `await` (V8, Node 20 to 26). */
export function awaitSiteOf(callSite: CallSite): number {
  return awaitOnLine.get(lineKey(callSite)) ?? siteOf(callSite);
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

const chains = new Map<string, readonly number[]>();

/** The sites of an awaiter chain. Equal chains are one array: a million tasks have a few of them. */
export function chainOf(callSites: readonly CallSite[]): readonly number[] {
  const chain = callSites.map(siteOf);
  const key = chain.join();
  const known = chains.get(key);
  if (known !== undefined) return known;
  if (chains.size < MAX_CHAINS) chains.set(key, chain);
  return chain;
}

/** Recursion can make ever new ones. */
const MAX_CHAINS = 10_000;

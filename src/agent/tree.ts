/** Turns the await graph into a tree: what every task awaits, down to the promise that something outside must settle. */
import type { Combinator, Wait } from '../protocol/agent.ts';
import { isBookkeeper } from './libraries/packages.ts';
import { taskId, type AwaitGraph } from './owners.ts';
import type { PromiseRecord, WaitSource } from './promise-record.ts';
import { siteAt } from './sites.ts';
import { isThenableWrapper } from './waiters.ts';

/** One task before grouping. */
export interface Branch {
  id: number;
  atMs: number;
  kind: 'async' | 'combinator' | 'promise';
  site: number | undefined;
  combinator?: Combinator;
  index?: number;
  wait?: Wait;
  /** Id of the ancestor it leads back to. */
  cycle?: number;
  detached?: boolean;
  inferred: boolean;
  children: Branch[];
  /** The await of a suspended function. */
  record?: PromiseRecord;
  /** What it awaited is there. */
  goesOn?: boolean;
}

/** What a task awaits; `cycle` when that is one of its own ancestors. */
interface Below {
  children: Branch[];
  cycle: number | undefined;
}

const MAX_HOPS = 100;
const MAX_DEPTH = 200;

/** Where a wait leads: another await, a combinator, or the end of what promises tell. */
type Target =
  | { kind: 'await'; record: PromiseRecord }
  | { kind: 'combinator'; record: PromiseRecord }
  | { kind: 'leaf'; record: PromiseRecord; source: WaitSource | null };

/** Elements of `all`, `allSettled` and `any` carry the name; one that doesn't is of a race, or of a promise that only passes another on. */
function isNamed(element: PromiseRecord): boolean {
  const first = element.chain?.[0];
  return first !== undefined && siteAt(first).combinator !== undefined;
}

/** `within`: also into what one of Node's functions does that tells its whole wait. */
function follow(promise: PromiseRecord, graph: AwaitGraph, within = false): Target {
  let record = promise;
  let source: WaitSource | null = null;
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    source ??= record.source;
    if (!within && record.source?.isWhole?.() === true) return { kind: 'leaf', record, source: record.source };
    const suspended = graph.suspendedIn.get(record);
    if (suspended !== undefined && !suspended.link) return { kind: 'await', record: suspended };
    const elements = graph.elements.get(record);
    const passedOn =
      elements?.length === 1 && elements[0] !== undefined && !isNamed(elements[0]) ? elements[0].parent : null;
    if (elements !== undefined && passedOn === null) return { kind: 'combinator', record };
    const next =
      passedOn ??
      suspended?.parent ??
      (record.derived && !isThenableWrapper(record) ? record.parent : null) ??
      source?.next?.() ??
      null;
    if (next === null) break;
    record = next;
  }
  const task = graph.settledBy.get(record);
  if (task !== undefined) return { kind: 'await', record: task };
  return { kind: 'leaf', record, source: record.source ?? source };
}

const UNKNOWN: Wait = { facts: { kind: 'promise' }, confidence: 'exact' };
/** Perhaps a call whose await was taken for another's. */
const DOUBTFUL: Wait = { facts: { kind: 'promise' }, confidence: 'inferred' };

/** What an await inside one of Node's own functions waits for. */
function waitAt(site: number | undefined): Wait | undefined {
  const frame = site === undefined ? undefined : siteAt(site).frame;
  if (frame === undefined) return undefined;
  if (frame.function === 'readAllBytes') return { facts: { kind: 'http', phase: 'body' }, confidence: 'exact' };
  const isStream = frame.file.startsWith('node:internal/streams/');
  return isStream ? { facts: { kind: 'stream', direction: 'readable' }, confidence: 'exact' } : undefined;
}

/** Id of the task that is suspended in an await: the number of its call's promise, else of the call's first await. */
export function ownerId(record: PromiseRecord): number {
  return record.owner?.seq ?? record.call?.owner?.seq ?? record.call?.seq ?? record.seq;
}

/** All trees: their roots are the tasks nobody awaits; of a cycle the oldest member. */
export function awaitForest(graph: AwaitGraph): { roots: Branch[]; dropped: number } {
  const reached = new Set<PromiseRecord>();
  const path = new Set<PromiseRecord>();
  const done = new Map<PromiseRecord, Branch>();
  let dropped = graph.dropped + graph.unseen;

  function element(record: PromiseRecord): Below {
    const first = record.chain?.[0];
    const index = first === undefined ? undefined : siteAt(first).index;
    const { children, cycle } = target(record);
    if (index === undefined && !graph.inferred.has(record)) return { children, cycle };
    const place = {
      ...(index === undefined ? {} : { index }),
      ...(graph.inferred.has(record) ? { inferred: true } : {}),
    };
    return { children: children.map((branch) => ({ ...branch, ...place })), cycle };
  }

  /** What `record` waits for. */
  function target(record: PromiseRecord): Below {
    const to = record.parent === null ? undefined : follow(record.parent, graph);
    if (to === undefined) return { children: [], cycle: undefined };
    if (to.kind === 'leaf') return { children: [promise(to.record, to.source)], cycle: undefined };
    if (path.has(to.record)) return { children: [], cycle: taskId(to.record) };
    return { children: [to.kind === 'await' ? awaiting(to.record) : combinator(to.record)], cycle: undefined };
  }

  function promise(record: PromiseRecord, source: WaitSource | null): Branch {
    const wait =
      source?.describe(graph) ??
      (graph.inferred.has(record) || (graph.unseen > 0 && record.waiters > 0) ? DOUBTFUL : UNKNOWN);
    return { id: record.seq, atMs: record.atMs, kind: 'promise', site: undefined, wait, inferred: false, children: [] };
  }

  /** Makes the branch of `record` with what is below it; once for each, except on a cycle. */
  function branchOf(record: PromiseRecord, below: () => Below, make: (children: Branch[]) => Branch): Branch {
    reached.add(record);
    const known = done.get(record);
    if (known !== undefined) return known;
    if (path.size >= MAX_DEPTH) {
      dropped++;
      return promise(record, null);
    }
    path.add(record);
    const { children, cycle } = below();
    path.delete(record);
    const branch = { ...make(children), ...(cycle === undefined ? {} : { cycle }) };
    if (path.size === 0 || !leadsBack(branch)) done.set(record, branch);
    return branch;
  }

  function awaiting(record: PromiseRecord): Branch {
    const site = graph.running?.record === record ? graph.running.site : record.chain?.[0];
    const goesOn = record.parent?.isPending === false;
    return branchOf(
      record,
      () => (goesOn ? { children: [], cycle: undefined } : target(record)),
      (children) => {
        const only = children.length === 1 ? children[0] : undefined;
        const wait = only?.kind === 'promise' ? only.wait : undefined;
        return {
          id: taskId(record),
          atMs: record.owner?.atMs ?? record.atMs,
          kind: 'async',
          site,
          ...(wait === undefined ? {} : { wait: wait === UNKNOWN ? (waitAt(site) ?? UNKNOWN) : wait }),
          inferred: graph.inferred.has(record),
          record,
          goesOn,
          children: wait === undefined ? children : [],
        };
      },
    );
  }

  function combinator(record: PromiseRecord): Branch {
    const elements = graph.elements.get(record) ?? [];
    const first = elements[0]?.chain?.[0];
    return branchOf(
      record,
      () => {
        const below = elements.map(element);
        return {
          children: below.flatMap(({ children }) => children),
          cycle: below.find(({ cycle }) => cycle !== undefined)?.cycle,
        };
      },
      (children) => ({
        id: record.seq,
        atMs: record.atMs,
        kind: 'combinator',
        site: undefined,
        combinator: (first === undefined ? undefined : siteAt(first).combinator) ?? 'race',
        inferred: false,
        children,
      }),
    );
  }

  /** Not a combinator: what awaits it is shown to await the other promise directly. */
  function passesOn(record: PromiseRecord): boolean {
    const elements = graph.elements.get(record);
    return elements?.length === 1 && elements[0] !== undefined && !isNamed(elements[0]);
  }

  const targets = new Set<PromiseRecord>();
  /** Node's own steps within a wait that is told as a whole. */
  const covered = new Set<PromiseRecord>();
  const cover = (from: PromiseRecord): void => {
    const to = follow(from, graph, true);
    if (to.kind !== 'await' || covered.has(to.record) || !isNodes(to.record.chain?.[0])) return;
    covered.add(to.record);
    if (to.record.parent !== null) cover(to.record.parent);
  };
  const shared = new Set<PromiseRecord>();
  const noted = new Set<PromiseRecord>();
  const noteTarget = (record: PromiseRecord): void => {
    const to = record.parent === null ? undefined : follow(record.parent, graph);
    if (to === undefined) return;
    if (noted.has(to.record)) shared.add(to.record);
    noted.add(to.record);
    if (to.kind !== 'leaf') targets.add(to.record);
    else if (to.source?.isWhole?.() === true) cover(to.record);
  };
  /** A package's own await, that nobody awaits, of what a task of the program awaits, too. */
  const isBookkeeping = (record: PromiseRecord): boolean => {
    const site = record.chain?.[0];
    const frame = site === undefined ? undefined : siteAt(site).frame;
    if (frame === undefined || record.parent === null || !isBookkeeper(frame)) return false;
    return shared.has(follow(record.parent, graph).record);
  };
  for (const record of graph.awaits) noteTarget(record);
  for (const elements of graph.elements.values()) elements.forEach(noteTarget);

  const roots: Branch[] = [];
  const addRoot = (branch: Branch, record: PromiseRecord): void => {
    if (!isInternal(branch))
      roots.push(record.derived && record.owner?.waiters === 0 ? { ...branch, detached: true } : branch);
  };
  for (const record of graph.awaits) {
    if (!targets.has(record) && !covered.has(record) && !isBookkeeping(record)) addRoot(awaiting(record), record);
  }
  for (const record of graph.elements.keys()) {
    if (!targets.has(record) && !passesOn(record)) addRoot(combinator(record), record);
  }
  for (const record of graph.awaits)
    if (!reached.has(record) && !covered.has(record) && !isBookkeeping(record)) addRoot(awaiting(record), record);
  return { roots, dropped };
}

function isNodes(site: number | undefined): boolean {
  return site !== undefined && siteAt(site).frame?.file.startsWith('node:') === true;
}

function leadsBack(branch: Branch): boolean {
  return branch.cycle !== undefined || branch.children.some(leadsBack);
}

/** A loop inside Node that nobody awaits, such as the one that feeds a fetch's body; a request on its way is worth showing all the same. */
function isInternal({ site, wait, children }: Branch): boolean {
  const frame = site === undefined ? undefined : siteAt(site).frame;
  if (frame === undefined || !frame.file.startsWith('node:')) return false;
  return wait?.facts.kind !== 'http' && children.every(isInternal);
}

/** Reads a profile of V8's: where the time of a stall went. Also in the middle of the program: no regular expressions. */
import type { Profiler } from 'node:inspector';
import type { Frame } from '../../protocol/agent.ts';
import type { HotFunction, StallProfile } from '../../protocol/profile.ts';
import { isForeign } from '../stacks/origin.ts';

const MICROSECONDS = 1000;
const MAX_FUNCTIONS = 5;
const GARBAGE = '(garbage collector)';

type Node = Profiler.ProfileNode;

/** One sample: what ran, innermost frame first, and for how long, milliseconds. */
interface Slice {
  node: Node;
  ms: number;
}

/** What the samples of a stall say. */
export interface ProfiledStall extends StallProfile {
  /** The stack that stands for it; empty when only native code without any JavaScript ran. */
  stack: Frame[];
}

/** Makes a profile answer questions about spans of time, microseconds of the profile's own clock. Functions of `ownFile` count for what they interrupted. */
export function readProfile(
  profile: Profiler.Profile,
  ownFile: string,
): (startUs: number, endUs: number) => ProfiledStall {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)),
  );
  const stackOf = (leaf: Node): Frame[] => {
    const frames: Frame[] = [];
    for (let node: Node | undefined = leaf; node !== undefined; node = parents.get(node.id)) {
      if (!isMeta(node)) frames.push(node === leaf ? hottestLine(node) : frameOf(node));
    }
    return frames;
  };
  /** Whoever was interrupted by us. */
  const program = (node: Node): Node => {
    const caller = parents.get(node.id);
    return caller !== undefined && pathOf(node.callFrame.url) === ownFile ? program(caller) : node;
  };
  return (startUs, endUs) => {
    const { slices, garbageMs } = slicesOf(profile, nodes, startUs, endUs);
    const sampledMs = slices.reduce((sum, { ms }) => sum + ms, 0);
    const ran = slices.map(({ node, ms }) => ({ node: program(node), ms })).filter(({ node }) => !isMeta(node));
    return { sampledMs, garbageMs, functions: hotFunctions(ran, stackOf), stack: bestStack(ran, stackOf) };
  };
}

/** `(root)`, `(program)`, `(idle)`: no function. */
const isMeta = ({ callFrame }: Node): boolean => callFrame.functionName.startsWith('(');

/** A collection has no stack: it counts for what ran before it. */
function slicesOf(
  { samples = [], timeDeltas = [], startTime, endTime }: Profiler.Profile,
  nodes: ReadonlyMap<number, Node>,
  startUs: number,
  endUs: number,
): { slices: Slice[]; garbageMs: number } {
  const slices: Slice[] = [];
  let garbageMs = 0;
  let at = startTime;
  let before: Node | undefined;
  samples.forEach((id, index) => {
    at += timeDeltas[index] ?? 0;
    const next = index + 1 < samples.length ? at + (timeDeltas[index + 1] ?? 0) : endTime;
    const node = nodes.get(id);
    const ms = (Math.min(next, endUs) - Math.max(at, startUs)) / MICROSECONDS;
    const isGarbage = node?.callFrame.functionName === GARBAGE;
    const ran = isGarbage ? (before ?? node) : node;
    if (!isGarbage) before = node;
    if (ms <= 0 || ran === undefined || ran.callFrame.functionName === '(idle)') return;
    if (isGarbage) garbageMs += ms;
    slices.push({ node: ran, ms });
  });
  return { slices, garbageMs };
}

/** With the line of the function's beginning. */
function frameOf({ callFrame: { url, lineNumber, columnNumber, functionName } }: Node): Frame {
  return { file: pathOf(url), line: lineNumber + 1, column: columnNumber + 1, function: functionName };
}

/** V8's inspector names files by their URLs. */
function pathOf(url: string): string {
  if (url === '') return '<anonymous>';
  if (!url.startsWith(FILE_URL)) return url;
  const path = decodeURIComponent(url.slice(FILE_URL.length));
  // On Windows a drive comes after the slash, and a server's name without any.
  if (!path.startsWith('/')) return `\\\\${path.replaceAll('/', '\\')}`;
  return path.charAt(2) === ':' ? path.slice(1).replaceAll('/', '\\') : path;
}

const FILE_URL = 'file://';

/** The profile's stack, where the callers have their lines, as far as a stack taken soon after shows the same calls. */
export function withLines(profiled: readonly Frame[], taken: readonly Frame[]): Frame[] {
  const [leaf, ...callers] = profiled;
  if (leaf === undefined) return [];
  const start = taken.findIndex((frame) => isSameFunction(leaf, frame)) + 1;
  if (start === 0) return [...profiled];
  let same = 0;
  while (same < callers.length && isSameFunction(callers[same], taken[start + same])) same++;
  return [leaf, ...taken.slice(start, start + same), ...callers.slice(same)];
}

/** A stack says `Class.method` where the profile has only `method`. */
function isSameFunction(profiled: Frame | undefined, taken: Frame | undefined): boolean {
  if (profiled === undefined || taken === undefined || pathOf(taken.file) !== profiled.file) return false;
  return taken.function === profiled.function || taken.function.endsWith(`.${profiled.function}`);
}

/** A profile knows the line only where the time was spent; of callers there is the function. */
function hottestLine(node: Node): Frame {
  const frame = frameOf(node);
  const ticks = new Map<number, number>();
  for (const { line, ticks: count } of node.positionTicks ?? []) ticks.set(line, (ticks.get(line) ?? 0) + count);
  let most = 0;
  let line = frame.line;
  for (const [each, count] of ticks) {
    if (count <= most) continue;
    most = count;
    line = each;
  }
  return line === frame.line ? frame : { ...frame, line, column: 1 };
}

/** Of the function of the program's own in, or below, which the most time was spent. */
function bestStack(slices: readonly Slice[], stackOf: (leaf: Node) => Frame[]): Frame[] {
  const byFunction = new Map<string, { ms: number; nodes: Map<Node, number> }>();
  for (const { node, ms } of slices) {
    const stack = stackOf(node);
    const frame = stack.find((each) => !isForeign(each));
    const key = frame === undefined ? '' : `${frame.file}\n${frame.function}`;
    const entry = byFunction.get(key) ?? { ms: 0, nodes: new Map<Node, number>() };
    byFunction.set(key, entry);
    // Node's own code stands for a stall only when there is nothing else.
    entry.ms += key === '' ? 0 : ms;
    entry.nodes.set(node, (entry.nodes.get(node) ?? 0) + ms);
  }
  const best = [...byFunction.values()].sort((a, b) => b.ms - a.ms)[0];
  const [node] = [...(best?.nodes ?? [])].sort(([, a], [, b]) => b - a)[0] ?? [];
  return node === undefined ? [] : stackOf(node);
}

function hotFunctions(slices: readonly Slice[], stackOf: (leaf: Node) => Frame[]): HotFunction[] {
  const times = new Map<string, HotFunction>();
  for (const { node, ms } of slices) {
    const { url, lineNumber, columnNumber } = node.callFrame;
    const key = `${url}:${lineNumber}:${columnNumber}`;
    const [frame] = stackOf(node);
    const hot = times.get(key);
    if (hot !== undefined) hot.ms += ms;
    else if (frame !== undefined) times.set(key, { frame, ms });
  }
  return [...times.values()].sort((a, b) => b.ms - a.ms).slice(0, MAX_FUNCTIONS);
}

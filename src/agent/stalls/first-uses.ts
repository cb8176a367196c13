/** Remembers where the program first used parts of Node that Node had to load: that holds the loop (`fetch`: 20 to 50 ms), mostly in native code, where no poll sees it. */
import { performance } from 'node:perf_hooks';
import type { Frame } from '../../protocol/agent.ts';
import { onModuleLoaded } from '../resources/when-loaded.ts';
import { isNodes } from '../stacks/origin.ts';
import { captureFrames } from '../stacks/stack.ts';
import { loopStartMs, turnNow } from './loop.ts';
import { isLoading, isStartup } from './startup.ts';

const STACK_DEPTH = 64;
const MAX_LOADS = 32;
/** A stack is taken again when so much time has passed since the last one. Milliseconds. */
const NEXT_STACK_MS = 2;
/** Loading was the cause only if it took such a share of the time. */
const CAUSE_SHARE = 0.25;
/** Who used it did no more than that in a longer time. Milliseconds. */
const SAME_RUN_MS = 250;

interface Load {
  name: string;
  turn: number;
  /** The load before it in the same turn was over then, or it itself. Milliseconds. */
  startMs: number;
  endMs: number;
  stack: Frame[];
  within: Within;
}

/** What the program was doing: its start-up, loading modules of its own later, or anything else. */
type Within = 'start-up' | 'modules' | 'work';

/** The part of Node that took longest, and the frames of the program that used it. */
export interface FirstUse {
  name: string;
  stack: Frame[];
  /** It took so long that it explains the time; else who used it only ran in that time. */
  isCause: boolean;
  within: Within;
}

let loads: Load[] = [];

/** After the program's end Node loads what writes its coverage (`NODE_V8_COVERAGE`); a stack taken then crashes Node 24 and 26. */
const isExiting = (): boolean => (process as { _exiting?: unknown })._exiting === true;

/** From now on. */
export function watchFirstUses(): void {
  onModuleLoaded((name) => {
    if (!isExiting() && loopStartMs() !== undefined) noteLoad(name, performance.now(), turnNow());
  });
}

/** That part of Node was loaded at that moment, in that turn of the loop; whoever is on the stack uses it. */
export function noteLoad(name: string, endMs: number, turn: number): void {
  const before = loads.at(-1);
  const startMs = before?.turn === turn ? before.endMs : endMs;
  const isSame = before?.turn === turn && endMs - startMs < NEXT_STACK_MS;
  loads.push({ name, turn, startMs, endMs, ...(isSame ? { stack: before.stack, within: before.within } : user()) });
  if (loads.length > MAX_LOADS) loads = loads.slice(1);
}

/** Who uses it now: where modules are being loaded, whoever asked for the outermost. */
function user(): Pick<Load, 'stack' | 'within'> {
  const frames = captureFrames(STACK_DEPTH);
  const asking = frames.slice(frames.findLastIndex(isLoading) + 1).filter(isProgram);
  const isModules = asking.length > 0 && asking.length < frames.filter(isProgram).length;
  const within = isStartup(frames) ? 'start-up' : isModules ? 'modules' : 'work';
  return { stack: isModules ? asking : frames.filter(isProgram), within };
}

const isProgram = (frame: Frame): boolean => !isNodes(frame);

/** What was loaded within a turn of the loop, if that says something about why it was so long. */
export function firstUseWithin(startMs: number, endMs: number): FirstUse | undefined {
  const within = loads.filter((load) => load.endMs > startMs && load.endMs <= endMs && load.stack.length > 0);
  const [first] = within;
  const last = within.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const isCause = last.endMs - first.startMs >= (endMs - startMs) * CAUSE_SHARE;
  if (!isCause && endMs - startMs > SAME_RUN_MS) return undefined;
  const longest = within.reduce((a, b) => (b.endMs - b.startMs > a.endMs - a.startMs ? b : a));
  // `internal/deps/undici/undici`, `internal/webstreams/readablestream`.
  const name = longest.name.startsWith('internal/')
    ? longest.name.slice(longest.name.lastIndexOf('/') + 1)
    : longest.name;
  return { name, stack: longest.stack, isCause, within: longest.within };
}

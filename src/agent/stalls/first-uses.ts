/** Remembers where the program first used parts of Node that Node had to load: that holds the loop (`fetch`: 20 to 50 ms), mostly in native code, where no poll sees it. */
import { performance } from 'node:perf_hooks';
import type { Frame } from '../../protocol/agent.ts';
import { onModuleLoaded } from '../resources/when-loaded.ts';
import { isNodes } from '../stacks/origin.ts';
import { captureFrames } from '../stacks/stack.ts';
import { loopStartMs, turnNow } from './loop.ts';

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
}

/** The part of Node that took longest, and the frames of the program that used it. */
export interface FirstUse {
  name: string;
  stack: Frame[];
  /** It took so long that it explains the time; else who used it only ran in that time. */
  isCause: boolean;
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
  const stack = isSame ? before.stack : captureFrames(STACK_DEPTH).filter((frame) => !isNodes(frame));
  loads.push({ name, turn, startMs, endMs, stack });
  if (loads.length > MAX_LOADS) loads = loads.slice(1);
}

/** What was loaded within a turn of the loop, if that says something about why it was so long. */
export function firstUseWithin(startMs: number, endMs: number): FirstUse | undefined {
  const within = loads.filter((load) => load.endMs > startMs && load.endMs <= endMs && load.stack.length > 0);
  const [first] = within;
  const last = within.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const isCause = last.endMs - first.startMs >= (endMs - startMs) * CAUSE_SHARE;
  if (!isCause && endMs - startMs > SAME_RUN_MS) return undefined;
  const { name, stack } = within.reduce((a, b) => (b.endMs - b.startMs > a.endMs - a.startMs ? b : a));
  // `internal/deps/undici/undici`, `internal/webstreams/readablestream`.
  return { name: name.startsWith('internal/') ? name.slice(name.lastIndexOf('/') + 1) : name, stack, isCause };
}

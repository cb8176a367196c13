/** What the debugger holds as a thread of its own, before the pending tasks: its frames lead to those that wait for it. */
import type { DebugProtocol } from '@vscode/debugprotocol';
import { heldLines, heldName } from '../model/async-stack.ts';
import type { Program } from '../model/program.ts';
import type { Sources } from '../model/sources.ts';
import { toStackFrame } from './stack-frames.ts';
import type { TaskThread } from './threads.ts';

/** No task gets that far. */
export const HELD_THREAD = 0x7fffffff;
/** Frame ids below the handles of details, which begin at 1000. */
const MAX_FRAMES = 999;

/** The thread of what is held; none while the program runs, or when none of the user's code is held. */
export function heldThreads({ held }: Program, sources: Sources): TaskThread[] {
  if (held === undefined || !heldLines(held, sources).some(({ kind }) => kind === 'user')) return [];
  return [{ id: HELD_THREAD, name: `Paused: ${heldName(held, sources)}` }];
}

/** Its frames, innermost first; `place` converts a position to the client's counting. */
export function heldFrames(
  { held }: Program,
  sources: Sources,
  place: (line: number, column: number) => { line: number; column: number },
): DebugProtocol.StackFrame[] {
  if (held === undefined) return [];
  return heldLines(held, sources)
    .slice(0, MAX_FRAMES)
    .map((line, index) => toStackFrame(index + 1, line.text, line, place));
}

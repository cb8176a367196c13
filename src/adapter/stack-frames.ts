/** Puts the lines of a task's stack into the form of the debug adapter protocol. */
import { Source, StackFrame } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { ChainTask } from '../model/chains.ts';
import { baseName } from '../model/place.ts';
import type { TaskFrame } from './threads.ts';

/** `place` converts a position to the client's counting; `register` gives the frame id under which the details of its task are found. */
export function toStackFrames(
  frames: readonly TaskFrame[],
  place: (line: number, column: number) => { line: number; column: number },
  register: (task: ChainTask) => number,
): DebugProtocol.StackFrame[] {
  return frames.map(({ kind, name, location, task }) => {
    const frame: DebugProtocol.StackFrame = new StackFrame(register(task), name);
    if (kind === 'label') frame.presentationHint = 'label';
    if (kind === 'library') frame.presentationHint = 'subtle';
    if (location === undefined) return frame;
    const source: DebugProtocol.Source = new Source(baseName(location.file), location.file);
    if (kind === 'library') source.presentationHint = 'deemphasize';
    return { ...frame, ...place(location.line, location.column), source };
  });
}

/** Puts the lines of a task's stack into the form of the debug adapter protocol. */
import { Source, StackFrame } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { ChainTask } from '../model/chains.ts';
import { baseName } from '../model/place.ts';
import type { Location } from '../protocol/report.ts';
import type { TaskFrame } from './threads.ts';

type Place = (line: number, column: number) => { line: number; column: number };

/** One line in that form; `place` converts a position to the client's counting. */
export function toStackFrame(
  id: number,
  name: string,
  { kind, location }: { kind: string; location?: Location | undefined },
  place: Place,
): DebugProtocol.StackFrame {
  const frame: DebugProtocol.StackFrame = new StackFrame(id, name);
  if (kind === 'label') frame.presentationHint = 'label';
  if (kind === 'library') frame.presentationHint = 'subtle';
  if (location === undefined) return frame;
  const source: DebugProtocol.Source = new Source(baseName(location.file), location.file);
  if (kind === 'library') source.presentationHint = 'deemphasize';
  return { ...frame, ...place(location.line, location.column), source };
}

/** All lines of a task; `register` gives the frame id under which the details of its task are found. */
export function toStackFrames(
  frames: readonly TaskFrame[],
  place: Place,
  register: (task: ChainTask) => number,
): DebugProtocol.StackFrame[] {
  return frames.map((line) => toStackFrame(register(line.task), line.name, line, place));
}

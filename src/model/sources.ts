/** What the model needs to know about source files; source maps themselves are the adapter's. */
import type { Frame } from '../protocol/agent.ts';
import type { Location } from '../protocol/report.ts';

/** Looks up frames; both answers must not change while a program runs. */
export interface Sources {
  /** The place in the user's sources, after source maps; `undefined` for frames without a file, such as `node:` modules. */
  locate(frame: Frame): Location | undefined;
  /** Whether the frame is the user's own code: not of Node, not of an installed package. */
  isUser(frame: Frame): boolean;
  /** The text of a source file to which the program's lines belong; `undefined` when it can't be read, or has been edited since the program started. */
  textOf?(file: string): string | undefined;
  /** The text as it is now, for the comments that silence rules. */
  currentTextOf?(file: string): string | undefined;
}

/** Promises that were rejected and that nobody handled. */
import type { Frame } from './agent.ts';

/** One that Node told of, in order. */
export interface Rejection {
  /** Class of the error; absent when the reason was none. */
  error?: string;
  message: string;
  /** Where the error was made, innermost first; async frames are those that awaited it. Empty when it is no error. */
  stack: (Frame & { isAsync?: true })[];
  atMs: number;
}
